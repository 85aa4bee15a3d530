"""The HTTP API for agents and admins: one module per resource."""
