"""The shared core: domain, ports and their adapters. Imports no connector and no function."""
