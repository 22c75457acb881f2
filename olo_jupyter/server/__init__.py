"""The application behind the panels: authenticated routes, events, and the one poller that feeds them."""
