"""The whole deployment in one process and in simulated time, with faults at any port call."""
