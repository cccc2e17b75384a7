"""How many pieces each store has, and which of them open orders hold."""
