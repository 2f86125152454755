"""Jobs on a cluster that Grid Engine schedules."""
