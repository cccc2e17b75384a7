"""Start-up: child processes, their supervisor, the certificate and the banner."""
