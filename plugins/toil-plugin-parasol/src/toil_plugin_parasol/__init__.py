"""Jobs on a cluster that Parasol schedules."""
