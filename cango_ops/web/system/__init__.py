"""The console's own pulse, as honest as everything else."""
