"""Jobs at other providers."""
