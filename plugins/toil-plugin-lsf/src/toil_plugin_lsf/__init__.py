"""Jobs on a cluster that IBM Spectrum LSF schedules."""
