//! What a worker process may not do, said to the system once and for good.
//!
//! A file that takes over its reader finds a process without network, without other programs,
//! without a way to write, with little memory, and with nothing of ours in its environment. The
//! limits on resources are in force on every Unix; the filter of system calls needs Linux with
//! seccomp, and a worker says whether it has it.

use std::fmt;
use std::io;

use rlimit::Resource;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// Files that a worker may hold open: its pipes, the document, the recogniser's data.
const OPEN_FILES: u64 = 64;

/// What is enforced on a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Its address space, in bytes.
    pub memory_bytes: u64,
    /// Whether it can reach no network, start no program, write no file and look into no other
    /// process; else why not.
    pub system_calls: Result<(), String>,
}

impl fmt::Display for Confinement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.memory_bytes >> 20;
        write!(
            formatter,
            "{megabytes} MB of memory, no core dumps, no growing files, {OPEN_FILES} open files; "
        )?;
        match &self.system_calls {
            Ok(()) => {
                formatter.write_str("no network, no other program, no writing (system call filter)")
            }
            Err(why) => write!(
                formatter,
                "NO filter of system calls, so the network is open: {why}"
            ),
        }
    }
}

/// Confines the calling thread, the threads that it starts, and the resources of the whole
/// process. To be called while the process has one thread.
///
/// # Errors
/// When a limit on resources cannot be set. A system without the filter is no error, but said.
pub fn confine(limits: &Limits) -> io::Result<Confinement> {
    let memory_bytes = limits.worker_memory_bytes;
    Resource::AS.set(memory_bytes, memory_bytes)?;
    // A crash leaves no dump of a sealed document.
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)?;
    Resource::NOFILE.set(OPEN_FILES, OPEN_FILES)?;
    Ok(Confinement {
        memory_bytes,
        system_calls: filter::install(),
    })
}

#[cfg(target_os = "linux")]
mod filter {
    use std::collections::BTreeMap;

    use libc::c_long;
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

    /// Refused whatever the arguments are: the network, other programs, other processes,
    /// changes of the file system, and ways around this filter.
    const REFUSED: &[c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_io_uring_setup,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_setns,
        libc::SYS_unshare,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_chroot,
        libc::SYS_pivot_root,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_openat2,
        libc::SYS_unlinkat,
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_utimensat,
        libc::SYS_setxattr,
        libc::SYS_memfd_create,
    ];

    /// Their forefathers, which newer architectures do not have.
    #[cfg(target_arch = "x86_64")]
    const REFUSED_OLD: &[c_long] = &[
        libc::SYS_fork,
        libc::SYS_vfork,
        libc::SYS_creat,
        libc::SYS_unlink,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_mknod,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_lchown,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const REFUSED_OLD: &[c_long] = &[libc::SYS_renameat];

    /// Puts the filters in force, for good.
    pub(super) fn install() -> Result<(), String> {
        // The arguments of the newer call are in memory, where a filter cannot look; told that
        // there is no such call, libraries start threads by the older one.
        let newer_clone = Rules::from([(libc::SYS_clone3, Vec::new())]);
        let filters = [
            compiled(newer_clone, libc::ENOSYS)?,
            compiled(refused()?, libc::EPERM)?,
        ];
        for filter in &filters {
            seccompiler::apply_filter(filter).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn compiled(rules: Rules, error: i32) -> Result<BpfProgram, String> {
        let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(text)?;
        let refuse = SeccompAction::Errno(error.unsigned_abs());
        SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture)
            .and_then(BpfProgram::try_from)
            .map_err(text)
    }

    fn refused() -> Result<Rules, String> {
        let always = REFUSED.iter().chain(REFUSED_OLD);
        let mut rules: Rules = always.map(|call| (*call, Vec::new())).collect();
        // Threads may be started, processes may not.
        rules.insert(
            libc::SYS_clone,
            vec![masked(0, libc::CLONE_THREAD as u64, 0)?],
        );
        rules.insert(libc::SYS_openat, opening(2)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, opening(1)?);
        Ok(rules)
    }

    /// Opening a file to write, or to make it.
    fn opening(flags: u8) -> Result<Vec<SeccompRule>, String> {
        let access = libc::O_ACCMODE as u64;
        [
            masked(flags, access, libc::O_WRONLY as u64),
            masked(flags, access, libc::O_RDWR as u64),
            masked(flags, libc::O_CREAT as u64, libc::O_CREAT as u64),
        ]
        .into_iter()
        .collect()
    }

    /// That argument, seen through the mask, has that value.
    fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompRule, String> {
        SeccompCondition::new(
            argument,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::MaskedEq(mask),
            value,
        )
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(text)
    }

    fn text(error: impl std::fmt::Display) -> String {
        error.to_string()
    }
}

#[cfg(not(target_os = "linux"))]
mod filter {
    pub(super) fn install() -> Result<(), String> {
        Err("this system has no such filter".to_owned())
    }
}
