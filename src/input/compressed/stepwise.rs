//! Drives a [`Codec`] over a stream: member after member, to the last byte.

use std::io::{self, BufRead, Read};

use super::{Codec, Counting, Decode};

/// A stream that a codec decodes.
pub struct Stepwise<B> {
    stream: Counting<B>,
    codec: Box<dyn Codec>,
    /// What follows the first member belongs to something else.
    single: bool,
    state: State,
    failed: Option<io::Error>,
}

#[derive(PartialEq)]
enum State {
    /// Before the first byte of a member, or within one; `made`: something of it was decoded.
    Within { made: bool },
    /// Behind a member.
    Between,
    /// At the end.
    Done,
}

impl<B: BufRead> Stepwise<B> {
    /// Decodes the whole stream: members may follow each other.
    pub fn new(stream: B, codec: Box<dyn Codec>) -> Stepwise<B> {
        let state = State::Within { made: true };
        Stepwise { stream: Counting::new(stream), codec, single: false, state, failed: None }
    }

    /// Decodes one member and leaves what follows it.
    pub fn single(stream: B, codec: Box<dyn Codec>) -> Stepwise<B> {
        Stepwise { single: true, ..Stepwise::new(stream, codec) }
    }

    /// The stream, which stands behind what was decoded.
    pub fn stream(&mut self) -> &mut B {
        self.stream.inner()
    }

    /// The stream behind what was decoded.
    pub fn into_inner(self) -> B {
        self.stream.into_inner()
    }

    /// Decodes into `output`. 0 where nothing was made in this step, but there may be more.
    fn step(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let input = self.stream.fill_buf()?;
        let over = input.is_empty();
        if self.state == State::Between {
            if over {
                self.state = State::Done;
                return Ok(0);
            }
            // Padding, as on tapes and in blocks of xz.
            let padding = input.iter().take_while(|&&byte| byte == 0).count();
            if padding > 0 {
                self.stream.consume(padding);
                return Ok(0);
            }
            self.codec.renew()?;
            self.state = State::Within { made: false };
        }
        let input = self.stream.fill_buf()?;
        let step = self.codec.step(input, output);
        let idle = step.used == 0 && step.made == 0;
        self.stream.consume(step.used);
        let foreign = self.state == State::Within { made: false };
        if step.made > 0 {
            self.state = State::Within { made: true };
        }
        match step.ended {
            Ok(true) => self.state = if self.single { State::Done } else { State::Between },
            Ok(false) if idle && over => {
                self.failed = Some(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"));
            }
            Ok(false) if idle => self.failed = Some(io::Error::new(io::ErrorKind::InvalidData, "it leads nowhere")),
            Ok(false) => {}
            Err(error) if foreign && step.made == 0 && error.kind() == io::ErrorKind::InvalidData => {
                let what = format!("what follows its end is something else ({error})");
                self.failed = Some(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            Err(error) => self.failed = Some(error),
        }
        Ok(step.made)
    }
}

impl<B: BufRead> Read for Stepwise<B> {
    /// Fills all of `into`, as far as there is something: short reads would cost the reader more than they gain.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut made = 0;
        while made < into.len() && self.state != State::Done && self.failed.is_none() {
            match self.step(&mut into[made..]) {
                Ok(more) => made += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted && made == 0 => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => break,
                Err(error) => self.failed = Some(error),
            }
        }
        match self.failed.take() {
            Some(error) if made > 0 => {
                self.failed = Some(error);
                Ok(made)
            }
            Some(error) => {
                self.state = State::Done;
                Err(error)
            }
            None => Ok(made),
        }
    }
}

impl<B: BufRead + Send> Decode for Stepwise<B> {
    fn used(&self) -> u64 {
        self.stream.taken()
    }
}
