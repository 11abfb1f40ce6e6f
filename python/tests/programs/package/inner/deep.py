"""A module of a package in the package."""
from .. import helper


def depth():
    return helper.__name__, __package__
