"""Events for pages: numbered topics in Redis, the sockets that follow them, and who is watching."""
