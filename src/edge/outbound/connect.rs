//! From a name to a connection, with a time limit that holds whatever the other side does.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::error::OutboundError;
use super::permitted::Permitted;
use crate::base::network::Authority;

/// Connects to an address of the name, once all of them were checked.
pub(super) async fn connect(
    to: &Authority,
    permitted: Permitted<'_>,
    ends: Instant,
) -> Result<TcpStream, OutboundError> {
    let addresses = look_up(to).await?;
    for address in &addresses {
        permitted.check(to, address.ip())?;
    }
    Ok(first_of(&addresses, ends, TcpStream::connect).await?)
}

/// Resolves a name to its addresses.
///
/// The system's resolver has no time-out, so a thread of its own waits for it. One that took too
/// long is abandoned and ends when the resolver gives up, by its own bounds some half a minute;
/// until then a next request may begin another.
async fn look_up(to: &Authority) -> io::Result<Vec<SocketAddr>> {
    let (answer, wait) = oneshot::channel();
    let to = to.clone();
    let look = move || {
        let found = (to.name(), to.port()).to_socket_addrs().map(Iterator::collect);
        // After the time limit nobody waits any more.
        drop(answer.send(found));
    };
    drop(std::thread::Builder::new().name("look-up".to_owned()).spawn(look)?);
    wait.await.map_err(io::Error::other)?
}

/// Connects to the first address that accepts. Each has its share of the time: one that is silent
/// leaves the others theirs.
async fn first_of<T>(
    addresses: &[SocketAddr],
    ends: Instant,
    mut connect: impl AsyncFnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    let tried = addresses.iter().take(ADDRESSES);
    for (address, remaining) in tried.clone().zip((1..=tried.len()).rev()) {
        let share = share_of(ends.saturating_duration_since(Instant::now()), remaining);
        if share.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match timeout(share, connect(*address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

fn share_of(left: Duration, addresses: usize) -> Duration {
    left / u32::try_from(addresses).unwrap_or(u32::MAX)
}

/// Most addresses of one name that are tried.
const ADDRESSES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_address_has_its_share_of_the_time() {
        let limit = Duration::from_millis(400);
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        for (count, tries) in [(1, 1), (2, 2), (6, 4)] {
            let all: Vec<_> = (1..=count).map(address).collect();
            let (began, mut tried) = (Instant::now(), Vec::new());
            let found = first_of(&all, began + limit, async |one| {
                tried.push((one.port(), began.elapsed()));
                std::future::pending::<io::Result<()>>().await
            });
            assert_eq!(found.await.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert_eq!(tried.len(), tries);
            for (number, (port, at)) in (0_u32..).zip(&tried) {
                assert_eq!(u32::from(*port), number + 1);
                let before = limit * number / u32::try_from(tries).unwrap();
                assert!(*at >= before, "{count}: {tried:?}");
            }
        }
        let hour = Duration::from_hours(1);
        assert_eq!(
            [(4, 4), (2, 2), (1, 1)].map(|(of, times)| share_of(hour, of) * times),
            [hour; 3]
        );
        let second = [address(1), address(2), address(3)];
        let take = async |one: SocketAddr| match one.port() {
            2 => Ok(2),
            _ => Err(io::ErrorKind::ConnectionRefused.into()),
        };
        assert_eq!(first_of(&second, Instant::now() + hour, take).await.unwrap(), 2);
        assert!(first_of(&second, Instant::now(), take).await.is_err());
        assert!(first_of(&[], Instant::now() + hour, take).await.is_err());
    }

    #[tokio::test]
    async fn all_addresses_of_a_name_are_checked_before_one_is_connected_to() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let here = Authority::parse(&listener.local_addr().unwrap().to_string(), 80).unwrap();
        let ends = Instant::now() + Duration::from_mins(1);
        let refused = connect(&here, Permitted::Public(&[]), ends).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Address(_)), "{refused}");
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert!(connect(&here, Permitted::Outside, ends).await.is_ok());
    }
}
