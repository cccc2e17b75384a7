"""Uber Direct, by its public documents: Direct API 1.0.1 (DaaS v1), OAuth client credentials, webhooks."""

from delivery.providers.uber.account import UberAccount
from delivery.providers.uber.uber import Uber

__all__ = ["Uber", "UberAccount"]
