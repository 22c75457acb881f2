"""What a project keeps outside Git and shares between servers: the audit, events on their way, what the poller saw."""
