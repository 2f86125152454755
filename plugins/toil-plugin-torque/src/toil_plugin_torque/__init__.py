"""Jobs on a cluster that Torque or another PBS schedules."""
