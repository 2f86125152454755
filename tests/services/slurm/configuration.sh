# The configuration of the Slurm that `start` starts: functions that write its files into $run, sourced by `start`.
#
# Nodes are named after the instance's first port, $first_port, since control groups are named after them: those of two
# instances on one machine must differ.

NODES="n$first_port-1 n$first_port-2 n$first_port-3"
NODE_CPUS=8
NODE_MEBIBYTES=4000

# Whether memory can be limited by control groups of version 1. Elsewhere Slurm looks at it every second.
has_memory_cgroup() { [ -w /sys/fs/cgroup/memory ] && [ -w /sys/fs/cgroup/freezer ]; }

write_slurmdbd_conf() {
    (umask 077 && replace "$run/slurmdbd.conf") << END
AuthType=auth/munge
AuthInfo=socket=$run/munge/socket
DbdAddr=127.0.0.1
DbdHost=localhost
DbdPort=$((first_port + 1))
SlurmUser=root
LogFile=$run/log/slurmdbd
PidFile=$run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm
CommitDelay=1
END
}

write_slurm_conf() {
    {
        daemon_settings
        if has_memory_cgroup; then cgroup_settings; else process_settings; fi
        if [ "$DBD" = 1 ]; then accounting_settings; else completion_settings; fi
        node_settings
    } | replace "$run/slurm.conf"
    replace "$run/cgroup.conf" << END
CgroupPlugin=cgroup/v1
CgroupMountpoint=/sys/fs/cgroup
CgroupAutomount=no
ConstrainRAMSpace=yes
ConstrainSwapSpace=no
MinRAMSpace=16
END
}

# MinJobAge: how long a job that has ended is still shown by scontrol and squeue, in seconds. SchedulerParameters: a
# job starts within a tenth of a second. KillWait: seconds between asking a job to end and killing it.
daemon_settings() {
    cat << END
ClusterName=tests
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$first_port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$run/munge/socket
StateSaveLocation=$run/state
SlurmdSpoolDir=$run/spool/%n
SlurmctldPidFile=$run/slurmctld.pid
SlurmdPidFile=$run/slurmd-%n.pid
SlurmctldLogFile=$run/log/slurmctld
SlurmdLogFile=$run/log/slurmd-%n
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=256
GresTypes=gpu
SchedulerParameters=sched_interval=1,sched_min_interval=50000,bf_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
JobRequeue=0
MinJobAge=300
KillWait=2
CompleteWait=0
SlurmctldTimeout=60
SlurmdTimeout=60
MaxArraySize=10001
MaxJobCount=20000
EnforcePartLimits=ALL
PropagateResourceLimits=NONE
END
}

cgroup_settings() {
    cat << END
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup
JobAcctGatherType=jobacct_gather/cgroup
JobAcctGatherFrequency=task=1
END
}

process_settings() {
    cat << END
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
END
}

accounting_settings() {
    cat << END
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((first_port + 1))
AccountingStoragePass=$run/munge/socket
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu
END
}

completion_settings() {
    cat << END
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$run/log/jobcomp
END
}

# `main` has two nodes, of which the second has GPUs. What is done to the third one disturbs nobody's jobs: those of
# `scavenge` give way there to those of `spare`.
node_settings() {
    local node port=$((first_port + 1)) first second third
    read -r first second third <<< "$NODES"
    for node in $NODES; do
        port=$((port + 1))
        echo "NodeName=$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$port CPUs=$NODE_CPUS Boards=1" \
            "SocketsPerBoard=1 CoresPerSocket=$NODE_CPUS ThreadsPerCore=1 RealMemory=$NODE_MEBIBYTES" \
            "$([ "$node" != "$second" ] || echo Gres=gpu:a100:2)"
    done
    cat << END
PartitionName=main Nodes=$first,$second Default=YES DefaultTime=60 MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
PartitionName=short Nodes=$first DefaultTime=5 MaxTime=10 PriorityTier=10 PreemptMode=OFF
PartitionName=gpu Nodes=$second DefaultTime=60 MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
PartitionName=spare Nodes=$third DefaultTime=60 MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
PartitionName=scavenge Nodes=$third DefaultTime=60 MaxTime=INFINITE PriorityTier=1 PreemptMode=CANCEL
END
    # Devices that nobody opens stand for the GPUs.
    printf "NodeName=$second Name=gpu Type=a100 File=/dev/%s\n" null zero | replace "$run/gres.conf"
}
