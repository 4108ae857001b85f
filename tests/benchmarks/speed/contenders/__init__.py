"""The libraries compared, each doing the same work behind the same face."""
