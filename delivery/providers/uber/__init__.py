"""Uber Direct, by its public documents: Direct API 1.0.1 (DaaS v1), OAuth client credentials, webhooks."""
