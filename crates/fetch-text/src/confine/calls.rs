//! The system calls that reading needs, and nothing else.
//!
//! None of them names a file, an address or another process, so a worker has what it was handed and
//! can get nothing more. Any other call ends the worker, and its parent says so; only those that
//! libraries make to ask harmless things are refused politely, because the libraries go on without
//! an answer.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Let through whatever the arguments are.
const ALLOWED: &[c_long] = &[
    // The document, and the requests that bring it.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_lseek,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_close,
    libc::SYS_fstat,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Two threads that wait for each other.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    // The time, chance, and who one is.
    libc::SYS_clock_gettime,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    // A stack that overflows is told from other faults.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // The end.
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Refused with an error, as if the process had no right to them.
const REFUSED: &[c_long] = &[
    // The allocator asks how much memory there is, libraries look for settings of theirs.
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    // What kind of thing a descriptor is, how many processors there are, what the limits are.
    libc::SYS_ioctl,
    libc::SYS_fcntl,
    libc::SYS_sched_getaffinity,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_prlimit64,
    libc::SYS_getrusage,
    // Names for threads and for pieces of memory; and by these two the second filter is put in force,
    // once the first one is.
    libc::SYS_prctl,
    libc::SYS_seccomp,
];

/// Their forefathers, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const REFUSED_OLD: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_getrlimit,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_OLD: &[c_long] = &[];

/// Puts it in force for all threads of this process, for good.
pub(super) fn allow_only_reading() -> Result<(), String> {
    let refused = compiled(
        refused().map(|call| (call, Vec::new())).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
    )?;
    let others = compiled(
        let_through()?,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
    )?;
    // The kernel does what the stricter of the two says. The second forbids to add a third.
    for filter in [&others, &refused] {
        seccompiler::apply_filter_all_threads(filter).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn refused() -> impl Iterator<Item = c_long> {
    REFUSED.iter().chain(REFUSED_OLD).copied()
}

/// What the first filter lets through: what is allowed, and what the second one refuses.
fn let_through() -> Result<Rules, String> {
    let always = ALLOWED.iter().copied().chain(refused());
    let mut rules: Rules = always.map(|call| (call, Vec::new())).collect();
    // Answers, and what libraries complain of.
    let outward = [
        equals(0, libc::STDOUT_FILENO.unsigned_abs().into())?,
        equals(0, libc::STDERR_FILENO.unsigned_abs().into())?,
    ];
    rules.insert(libc::SYS_write, outward.to_vec());
    rules.insert(libc::SYS_writev, outward.to_vec());
    // Memory that can be run comes with the program only.
    let not_to_run = masked(2, libc::PROT_EXEC.unsigned_abs().into(), 0)?;
    rules.insert(libc::SYS_mmap, vec![not_to_run.clone()]);
    rules.insert(libc::SYS_mprotect, vec![not_to_run]);
    // A process that gives up signals itself.
    rules.insert(
        libc::SYS_tgkill,
        vec![equals(0, std::process::id().into())?],
    );
    Ok(rules)
}

fn compiled(
    rules: Rules,
    otherwise: SeccompAction,
    action: SeccompAction,
) -> Result<BpfProgram, String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(text)?;
    SeccompFilter::new(rules, otherwise, action, architecture)
        .and_then(BpfProgram::try_from)
        .map_err(text)
}

/// That argument has that value.
fn equals(argument: u8, value: u64) -> Result<SeccompRule, String> {
    rule(argument, SeccompCmpOp::Eq, value)
}

/// That argument, seen through the mask, has that value.
fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompRule, String> {
    rule(argument, SeccompCmpOp::MaskedEq(mask), value)
}

/// The kernel looks at 32 bits of all arguments that are asked for here.
fn rule(argument: u8, operation: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operation, value)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
