"""Dada (达达) by its public documents at newopen.imdada.cn: orders, callbacks, return codes."""

from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.dada import Dada

__all__ = ["Dada", "DadaAccount"]
