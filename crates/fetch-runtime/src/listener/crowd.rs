//! How many connections there are, and who goes when there is no room.
//!
//! A connection costs its opener nothing, so a limit alone would let anybody take all places and
//! keep honest callers out. Whoever has waited longest without asking for anything makes room.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ConnectionLimits;

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
    requests: usize,
    idle_since: Instant,
    /// It was given what it asked for, so it is likely to be an honest one.
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

/// A request under way on a connection.
pub(super) struct UnderWay(Arc<Place>);

impl Crowd {
    pub fn new(limits: &ConnectionLimits) -> Arc<Crowd> {
        Arc::new(Crowd {
            most: limits.connections,
            most_of_one: limits.per_address,
            seats: Mutex::default(),
        })
    }

    /// A place for a newcomer.
    pub fn admit(self: &Arc<Crowd>, address: IpAddr) -> Admission {
        let address = network_of(address);
        let mut seats = self.seats();
        let of_address = seats.of_address.get(&address).copied().unwrap_or(0);
        let among = match self.most_of_one.is_some_and(|most| of_address >= most) {
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
            requests: 0,
            idle_since: Instant::now(),
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
    /// Who has been idle for longest, of all or of one address, and since when. Those that were
    /// never given anything come before those that were.
    fn idlest(&self, address: Option<IpAddr>) -> Option<(u64, Instant)> {
        let idle = self.taken.iter().filter(|(_, seat)| {
            seat.requests == 0 && address.is_none_or(|address| seat.address == address)
        });
        let (number, seat) = idle.min_by_key(|(_, seat)| (seat.is_known, seat.idle_since))?;
        Some((*number, seat.idle_since))
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
    /// A request has begun here.
    pub fn begin(self: &Arc<Place>) -> UnderWay {
        if let Some(seat) = self.crowd.seats().taken.get_mut(&self.number) {
            seat.requests += 1;
        }
        UnderWay(self.clone())
    }

    /// Something was asked for here, and given.
    pub fn served(&self) {
        if let Some(seat) = self.crowd.seats().taken.get_mut(&self.number) {
            seat.is_known = true;
        }
    }

    /// For how long nothing has been under way here; none while something is.
    pub fn idle_for(&self) -> Option<Duration> {
        let seats = self.crowd.seats();
        let seat = seats.taken.get(&self.number)?;
        (seat.requests == 0).then(|| seat.idle_since.elapsed())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let UnderWay(place) = self;
        if let Some(seat) = place.crowd.seats().taken.get_mut(&place.number) {
            seat.requests -= 1;
            seat.idle_since = Instant::now();
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

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_idles_longest_makes_room_and_whoever_works_stays() {
        let crowd = crowd(2, None);
        let busy = Arc::new(admit(&crowd, "192.0.2.1"));
        let under_way = busy.begin();
        let idle = admit(&crowd, "192.0.2.2");
        let at_once = crowd.admit(from("192.0.2.3"));
        assert!(matches!(at_once, Admission::Later), "it has only just come");
        pass(1).await;
        let third = Arc::new(admit(&crowd, "192.0.2.3"));
        assert!(idle.gone.is_cancelled() && !busy.gone.is_cancelled());
        // The place counts as free at once, whenever its connection notices.
        drop(idle);
        let second = third.begin();
        let refused = crowd.admit(from("192.0.2.4"));
        assert!(matches!(refused, Admission::Refused), "all are at work");
        assert_eq!(third.idle_for(), None);
        drop((under_way, second));
        pass(3).await;
        assert_eq!(third.idle_for(), Some(Duration::from_secs(3)));
        admit(&crowd, "192.0.2.4");
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_given_something_stays_longer_than_who_never_asked() {
        let crowd = crowd(2, None);
        let known = Arc::new(admit(&crowd, "192.0.2.1"));
        let under_way = known.begin();
        known.served();
        drop(under_way);
        pass(1).await;
        let silent = admit(&crowd, "192.0.2.2");
        pass(1).await;
        let _third = admit(&crowd, "192.0.2.3");
        assert!(silent.gone.is_cancelled() && !known.gone.is_cancelled());
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
