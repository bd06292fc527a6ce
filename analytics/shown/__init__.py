"""What people see: formats, words, findings, tables, figures."""
