"""From cells to a proved branch: capture → convert → check → verify → publish."""
