"""Crashes: services killed at random, at named steps and system calls, power cuts, faults."""
