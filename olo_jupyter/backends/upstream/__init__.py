"""HTTP services as all backends ask them: one way to wait, to try again, and to leave a failing one in peace."""
