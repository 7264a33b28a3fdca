//! How many connections there are, and which one is closed when there is no room.
//!
//! A connection costs its opener nothing, and so does a call that nobody is let in for, so a limit
//! alone would let anybody take all places and keep honest callers out. Whoever has been here longest
//! without a call that was let in makes room.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::Extensions;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{ConnectionLimits, Proxies};

/// Nobody is made to go earlier: a newcomer has as long to say what it wants, however many others
/// come at the same moment. They wait with the system meanwhile.
const UNDISTURBED_FOR: Duration = Duration::from_millis(200);

/// What becomes of a newcomer.
pub(super) enum Admission {
    /// It has a place.
    Welcome(Place),
    /// Somebody can be made to go, but not yet.
    Later,
    /// Everybody is at work.
    Refused,
}

/// The connections of one port.
pub(super) struct Crowd {
    most: usize,
    most_of_one: Option<usize>,
    /// Those bring the calls of many.
    proxies: Proxies,
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    next: u64,
    taken: BTreeMap<u64, Seat>,
    of_address: HashMap<IpAddr, usize>,
}

struct Seat {
    address: IpAddr,
    /// Calls under way, whoever makes them.
    calls: usize,
    /// Since when there is none.
    idle_since: Instant,
    /// Those of them that were let in: as long as there are any, the place is nobody else's.
    let_in: usize,
    /// Since when there is none that was.
    stranger_since: Instant,
    /// One was let in, so it is likely to be an honest caller.
    is_known: bool,
    gone: CancellationToken,
}

/// A connection's place, given back when it is dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    /// Somebody else needs the place.
    pub gone: CancellationToken,
}

/// A call under way on a connection.
pub(super) struct UnderWay {
    place: Arc<Place>,
    is_let_in: AtomicBool,
}

/// A call, in the hands of whoever finds out who makes it. Every request has it as an extension.
#[derive(Clone)]
pub(super) struct Call(Weak<UnderWay>);

/// The caller of the request with these extensions has shown that it may call: until the answer was
/// taken, the place of its connection is given to nobody else. To call as a stranger costs nothing, and
/// gives no such right. Without a connection, as in tests, there is no place.
pub fn let_in(extensions: &Extensions) {
    let call = extensions.get::<Call>();
    if let Some(under_way) = call.and_then(|call| call.0.upgrade()) {
        under_way.let_in();
    }
}

impl Crowd {
    pub fn new(limits: &ConnectionLimits) -> Arc<Crowd> {
        Arc::new(Crowd {
            most: limits.connections,
            most_of_one: limits.per_address,
            proxies: limits.proxies.clone(),
            seats: Mutex::default(),
        })
    }

    /// A place for a newcomer.
    pub fn admit(self: &Arc<Crowd>, address: IpAddr) -> Admission {
        let most_of_one = self.most_of_one.filter(|_| !self.proxies.contain(address));
        let address = network_of(address);
        let mut seats = self.seats();
        let of_address = seats.of_address.get(&address).copied().unwrap_or(0);
        let among = match most_of_one.is_some_and(|most| of_address >= most) {
            true => Some(Some(address)),
            false => (seats.taken.len() >= self.most).then_some(None),
        };
        if let Some(among) = among {
            match seats.idlest(among) {
                None => return Admission::Refused,
                Some((_, since)) if since.elapsed() < UNDISTURBED_FOR => {
                    // Nobody waits for what one address is up to.
                    return match among {
                        Some(_) => Admission::Refused,
                        None => Admission::Later,
                    };
                }
                Some((number, _)) => seats.evict(number),
            }
        }
        let number = seats.next;
        seats.next += 1;
        let gone = CancellationToken::new();
        let seat = Seat {
            address,
            calls: 0,
            idle_since: Instant::now(),
            let_in: 0,
            stranger_since: Instant::now(),
            is_known: false,
            gone: gone.clone(),
        };
        seats.taken.insert(number, seat);
        *seats.of_address.entry(address).or_default() += 1;
        drop(seats);
        Admission::Welcome(Place {
            crowd: self.clone(),
            number,
            gone,
        })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// Who has been here for longest without a call that was let in, of all or of one address, and
    /// since when. Those that never had one come before those that had.
    fn idlest(&self, address: Option<IpAddr>) -> Option<(u64, Instant)> {
        let idle = self.taken.iter().filter(|(_, seat)| {
            seat.let_in == 0 && address.is_none_or(|address| seat.address == address)
        });
        let (number, seat) = idle.min_by_key(|(_, seat)| (seat.is_known, seat.stranger_since))?;
        Some((*number, seat.stranger_since))
    }

    fn evict(&mut self, number: u64) {
        if let Some(seat) = self.remove(number) {
            seat.gone.cancel();
        }
    }

    fn remove(&mut self, number: u64) -> Option<Seat> {
        let seat = self.taken.remove(&number)?;
        if let Some(count) = self.of_address.get_mut(&seat.address) {
            *count -= 1;
            if *count == 0 {
                self.of_address.remove(&seat.address);
            }
        }
        Some(seat)
    }
}

impl Place {
    /// A call has begun here.
    pub fn begin(self: &Arc<Place>) -> Arc<UnderWay> {
        if let Some(seat) = self.crowd.seats().taken.get_mut(&self.number) {
            seat.calls += 1;
        }
        Arc::new(UnderWay {
            place: self.clone(),
            is_let_in: AtomicBool::new(false),
        })
    }

    /// For how long nothing has been under way here; none while something is.
    pub fn idle_for(&self) -> Option<Duration> {
        let seats = self.crowd.seats();
        let seat = seats.taken.get(&self.number)?;
        (seat.calls == 0).then(|| seat.idle_since.elapsed())
    }
}

impl UnderWay {
    pub(super) fn call(self: &Arc<UnderWay>) -> Call {
        Call(Arc::downgrade(self))
    }

    fn let_in(&self) {
        let mut seats = self.place.crowd.seats();
        if let Some(seat) = seats.taken.get_mut(&self.place.number)
            && !self.is_let_in.swap(true, Ordering::Relaxed)
        {
            seat.let_in += 1;
            seat.is_known = true;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut seats = self.place.crowd.seats();
        if let Some(seat) = seats.taken.get_mut(&self.place.number) {
            seat.calls -= 1;
            seat.idle_since = Instant::now();
            if self.is_let_in.load(Ordering::Relaxed) {
                seat.let_in -= 1;
                seat.stranger_since = Instant::now();
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.seats().remove(self.number);
    }
}

/// What counts as one caller: an address of IPv4, and of IPv6 its /64, since whoever has one
/// address there has all of them.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(connections: usize, per_address: Option<usize>) -> Arc<Crowd> {
        Crowd::new(&ConnectionLimits {
            connections,
            per_address,
            ..ConnectionLimits::of_a_few()
        })
    }

    fn from(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    fn admit(crowd: &Arc<Crowd>, address: &str) -> Place {
        match crowd.admit(from(address)) {
            Admission::Welcome(place) => place,
            Admission::Later => panic!("{address} has to wait"),
            Admission::Refused => panic!("{address} is refused"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_brings_the_calls_of_many() {
        let crowd = Crowd::new(&ConnectionLimits {
            connections: 20,
            per_address: Some(1),
            proxies: "10.0.0.0/8".parse().unwrap(),
            ..ConnectionLimits::of_a_few()
        });
        let brought: Vec<Place> = (0..5).map(|_| admit(&crowd, "10.0.0.1")).collect();
        let _own = admit(&crowd, "192.0.2.1");
        let second = crowd.admit(from("192.0.2.1"));
        assert!(matches!(second, Admission::Refused));
        assert!(brought.iter().all(|place| !place.gone.is_cancelled()));
    }

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_idles_longest_makes_room_and_whoever_works_stays() {
        let crowd = crowd(2, None);
        let busy = Arc::new(admit(&crowd, "192.0.2.1"));
        let under_way = busy.begin();
        under_way.let_in();
        let idle = admit(&crowd, "192.0.2.2");
        let at_once = crowd.admit(from("192.0.2.3"));
        assert!(matches!(at_once, Admission::Later), "it has only just come");
        pass(1).await;
        let third = Arc::new(admit(&crowd, "192.0.2.3"));
        assert!(idle.gone.is_cancelled() && !busy.gone.is_cancelled());
        // The place counts as free at once, whenever its connection notices.
        drop(idle);
        let second = third.begin();
        second.let_in();
        let refused = crowd.admit(from("192.0.2.4"));
        assert!(matches!(refused, Admission::Refused), "all are at work");
        assert_eq!(third.idle_for(), None);
        drop((under_way, second));
        pass(3).await;
        assert_eq!(third.idle_for(), Some(Duration::from_secs(3)));
        admit(&crowd, "192.0.2.4");
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_let_in_before_stays_longer_than_who_never_was() {
        let crowd = crowd(2, None);
        let known = Arc::new(admit(&crowd, "192.0.2.1"));
        known.begin().let_in();
        pass(1).await;
        let silent = admit(&crowd, "192.0.2.2");
        pass(1).await;
        let _third = admit(&crowd, "192.0.2.3");
        assert!(silent.gone.is_cancelled() && !known.gone.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_strangers_hold_no_place_and_do_not_make_them_newcomers() {
        let crowd = crowd(2, None);
        let (first, second) = (
            Arc::new(admit(&crowd, "192.0.2.1")),
            Arc::new(admit(&crowd, "192.0.2.2")),
        );
        let refused = first.begin();
        pass(1).await;
        assert_eq!(first.idle_for(), None, "it is not idle");
        // Whoever calls again and again has only just called.
        drop(second.begin());
        let _third = admit(&crowd, "192.0.2.3");
        assert!(first.gone.is_cancelled() && !second.gone.is_cancelled());
        pass(1).await;
        drop(second.begin());
        let _fourth = admit(&crowd, "192.0.2.4");
        assert!(second.gone.is_cancelled());
        // It comes too late for that.
        refused.let_in();
        drop(refused);
        assert_eq!(crowd.seats().taken.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_cannot_take_the_places_of_the_others() {
        let crowd = crowd(10, Some(2));
        let first = admit(&crowd, "2001:db8::1");
        let other = admit(&crowd, "192.0.2.1");
        pass(1).await;
        let _second = admit(&crowd, "2001:db8::2");
        let _third = admit(&crowd, "2001:db8::3");
        let one_network = "one network of IPv6 is one caller";
        assert!(first.gone.is_cancelled(), "{one_network}");
        assert!(!other.gone.is_cancelled());
        drop(first);
        assert_eq!(crowd.seats().taken.len(), 3);
        assert_eq!(crowd.seats().of_address.len(), 2);
    }
}
