//! Time-stamp tokens.

use yinzheng::base::limits::Budget;
use yinzheng::format::timestamp::Token;

pub fn run(data: &[u8]) {
    let mut budget = Budget::default();
    let Ok(token) = Token::parse(data, &mut budget) else { return };
    // Any number of zeros, and nothing else, may follow the message.
    let padded = [data, &[0; 7]].concat();
    let again = Token::parse(&padded, &mut Budget::default()).expect("padding is allowed");
    assert_eq!(again.time(), token.time());
    let statement = token.signed().content().expect("a token carries its statement");
    let Some(signer) = token.signed().signer() else { return };
    if token.verify(signer, &mut budget).is_ok() {
        assert!(token.signed().covers(&[statement]));
    }
}
