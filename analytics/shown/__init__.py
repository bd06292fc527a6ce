"""What people see: formats, words, findings, tables, figures, and the method.

Everything here turns results into what is read; nothing is computed that a result does not hold.
Pages, the command line and files share it, so that a figure reads alike wherever it stands.
"""
