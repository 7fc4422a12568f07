//! What a client of JetStream gets that does nothing else: `raw-jetstream URL STREAM BYTES WINDOW SECONDS RATE`, on one thread, as
//! `nats bench js pub` does it: messages of so many bytes, so many of them without an acknowledgement at once. At a rate of 0 the next
//! message goes as soon as there is room; otherwise so many a second, and a message is timed from when it was meant to go.
//! Prints `messages/s p50 p99`, in seconds. With BYTES = 0 it prints what the stream holds instead: `messages bytes`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, stream};
use tokio::sync::Semaphore;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, name, numbers @ ..] = &arguments[..] else {
        return Err("URL STREAM BYTES WINDOW SECONDS RATE".into());
    };
    let numbers: Vec<f64> = numbers.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [bytes, window, seconds, rate] = numbers[..] else {
        return Err("BYTES WINDOW SECONDS RATE".into());
    };
    let context = jetstream::new(async_nats::connect(url).await?);
    if bytes == 0.0 {
        let stream = context.get_stream(name).await?;
        let state = &stream.cached_info().state;
        println!("{} {}", state.messages, state.bytes);
        return Ok(());
    }
    let config = stream::Config {
        name: name.clone(),
        subjects: vec![format!("{name}.raw")],
        ..stream::Config::default()
    };
    context.get_or_create_stream(config).await?;
    let payload = vec![b'x'; bytes as usize];
    let room = Arc::new(Semaphore::new(window as usize));
    let (sender, mut timed) = tokio::sync::mpsc::unbounded_channel();
    let began = Instant::now();
    let mut sent = 0u64;
    while began.elapsed().as_secs_f64() < seconds {
        let mut intended = Instant::now();
        if rate > 0.0 {
            intended = began + Duration::from_secs_f64(sent as f64 / rate);
            tokio::time::sleep_until(intended.into()).await;
        }
        let permit = Arc::clone(&room).acquire_owned().await?;
        if rate == 0.0 {
            intended = Instant::now();
        }
        let acknowledged = context.publish(format!("{name}.raw"), payload.clone().into()).await?;
        let sender = sender.clone();
        tokio::spawn(async move {
            if acknowledged.await.is_ok() {
                sender.send(intended.elapsed()).ok();
            }
            drop(permit);
        });
        sent += 1;
    }
    drop(room.acquire_many(window as u32).await?);
    let lasted = began.elapsed().as_secs_f64();
    drop(sender);
    let mut durations = Vec::new();
    while let Some(duration) = timed.recv().await {
        durations.push(duration.as_secs_f64());
    }
    durations.sort_by(f64::total_cmp);
    let quantile = |share: f64| durations[((durations.len() - 1) as f64 * share) as usize];
    println!("{} {} {}", durations.len() as f64 / lasted, quantile(0.5), quantile(0.99));
    Ok(())
}
