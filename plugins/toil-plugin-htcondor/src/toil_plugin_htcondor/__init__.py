"""Jobs in a pool that HTCondor schedules."""
