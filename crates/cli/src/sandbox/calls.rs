//! Which system calls it is refused (seccomp).
//!
//! A list of what is refused and not of what is allowed: a new version of a library, or of the C library, may make other
//! calls than this one, and must not end a door. The unit of systemd has the list the other way round.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses them to all threads.
pub(super) fn confine() -> Result<(), String> {
    supported()?;
    let error = |error: &dyn std::fmt::Display| error.to_string();
    let refused = filter(refused().map_err(|e| error(&e))?, libc::EPERM)?;
    // Its flags are behind a pointer, where no filter sees them. The C library goes on with clone(2), where they are seen.
    let unseen = filter([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS)?;
    for program in [refused, unseen] {
        seccompiler::apply_filter_all_threads(&program).map_err(|e| error(&e))?;
    }
    Ok(())
}

/// Whether the kernel filters calls.
pub(super) fn supported() -> Result<(), String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if status.lines().any(|line| line.starts_with("Seccomp:")) {
        return Ok(());
    }
    Err(String::from("this kernel has no seccomp"))
}

fn filter(rules: Rules, errno: i32) -> Result<BpfProgram, String> {
    let errno = u32::try_from(errno).map_err(|error| error.to_string())?;
    let target = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), target);
    filter.and_then(BpfProgram::try_from).map_err(|error| error.to_string())
}

fn refused() -> seccompiler::Result<Rules> {
    let mut rules: Rules = NEVER.iter().map(|call| (*call, Vec::new())).collect();
    #[cfg(target_arch = "x86_64")]
    {
        rules.extend(
            [libc::SYS_fork, libc::SYS_vfork, libc::SYS_uselib, libc::SYS_ustat]
                .map(|call| (call, Vec::new())),
        );
        rules.extend([libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt].map(|call| (call, Vec::new())));
        // The same calls by their other numbers (x32), where a kernel has them.
        let others: Vec<i64> =
            NEVER.iter().map(|call| call | X32).chain(X32_OWN.map(|call| call | X32)).collect();
        rules.extend(others.into_iter().map(|call| (call, Vec::new())));
    }
    let argument = |at, bits, is, value| -> seccompiler::Result<SeccompCondition> {
        Ok(SeccompCondition::new(at, bits, is, value)?)
    };
    let rule = |conditions| -> seccompiler::Result<SeccompRule> { Ok(SeccompRule::new(conditions)?) };
    let set = |mask: i32| SeccompCmpOp::MaskedEq(u64::from(mask.unsigned_abs()));

    // A thread is made, a process never, nor a namespace with a thread.
    let mut clone = vec![rule(vec![argument(0, SeccompCmpArgLen::Qword, set(libc::CLONE_THREAD), 0)?])?];
    for flag in [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
    ] {
        let flags = u64::from(flag.unsigned_abs());
        clone.push(rule(vec![argument(0, SeccompCmpArgLen::Qword, set(flag), flags)?])?);
    }
    rules.insert(libc::SYS_clone, clone);

    // Sockets of TCP, UDP, this machine, and the one by which the C library asks for addresses of the machine.
    let families = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let others: seccompiler::Result<Vec<_>> = families
        .into_iter()
        .map(|family| {
            argument(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()))
        })
        .collect();
    rules.insert(libc::SYS_socket, vec![rule(others?)?]);

    // Memory is written or executed, never both, and what was written does not become code.
    let code = u64::from(libc::PROT_EXEC.unsigned_abs());
    let both = code | u64::from(libc::PROT_WRITE.unsigned_abs());
    let masked = |at, mask: u64| argument(at, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), mask);
    rules.insert(libc::SYS_mmap, vec![rule(vec![masked(2, both)?])?]);
    rules.insert(libc::SYS_mprotect, vec![rule(vec![masked(2, code)?])?]);
    rules.insert(libc::SYS_pkey_mprotect, vec![rule(vec![masked(2, code)?])?]);
    Ok(rules)
}

/// Calls that are refused whatever their arguments.
const NEVER: [i64; 52] = [
    // Running programs.
    libc::SYS_execve,
    libc::SYS_execveat,
    // Looking into other processes, or into what they hold.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    // Another view of the file system.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // Namespaces.
    libc::SYS_unshare,
    libc::SYS_setns,
    // Doors of the kernel that break-ins use most.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_personality,
    libc::SYS_shmat,
    // The kernel itself, and the machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_mq_open,
];

/// What marks a call of x32.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// Numbers of calls that x32 has apart: execve, ptrace, kexec_load, process_vm_readv, process_vm_writev, execveat.
#[cfg(target_arch = "x86_64")]
const X32_OWN: [i64; 6] = [520, 521, 528, 539, 540, 545];
