"""The demo catalogue: courses and people as data, loaded through the doors like anything else."""
