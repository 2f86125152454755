"""Jobs on a cluster that Slurm schedules."""
