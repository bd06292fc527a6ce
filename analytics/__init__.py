"""Headroom's engine: what a raise of credit limits does to a portfolio of accounts.

Three nouns, one verb: a :class:`~analytics.portfolio.Portfolio`, a
:class:`~analytics.policy.Policy` and :class:`~analytics.assumptions.Assumptions` go into
:func:`~analytics.results.simulation.simulate`, and a
:class:`~analytics.results.simulation.Simulation` comes out.
"""
