//! The reasons for a change in words, strongest kinds first.

use super::Suspect;
use super::features;
use crate::detect::Context;
use crate::finding::Evidence;
use crate::model::channel::Sound;
use crate::model::lattice::Change;

/// A column of a row by its name.
fn value(suspect: &Suspect, name: &str) -> f64 {
    f64::from(suspect.row[features::index(name)])
}

/// One decimal.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// That one character was typed for another that sounds like it; only in text
/// that is said to have been typed.
fn sound(context: &Context<'_>, suspect: &Suspect) -> Option<Evidence> {
    let sounds = context.resources.channel.sounds()?;
    let Change::Substitute(put) = suspect.proposal.change else { return None };
    let read = suspect.span.of(context.text).chars().next()?;
    let (sound, syllable) = sounds.relation(read, put)?;
    Some(match sound {
        Sound::Same => Evidence::said(
            "same-sound",
            format!("「{read}」「{put}」同音（{syllable}）"),
            format!("「{read}」 and 「{put}」 sound alike ({syllable})"),
        ),
        Sound::Near => Evidence::said(
            "near-sound",
            format!("「{read}」「{put}」音近（{syllable}）"),
            format!("「{read}」 and 「{put}」 sound nearly alike ({syllable})"),
        ),
    })
}

/// Why `suspect` may be right.
pub(super) fn of(context: &Context<'_>, suspect: &Suspect) -> Vec<Evidence> {
    let read = suspect.span.of(context.text);
    let put = &suspect.put;
    let gain = rounded(value(suspect, "model_gain"));
    let mut reasons = vec![Evidence::weighed(
        "context-bits",
        gain,
        format!("改后上下文更通顺：{gain:+.1} 比特"),
        format!("the context reads better with it: {gain:+.1} bits"),
    )];
    let similarity = value(suspect, "similarity");
    if similarity > 0.0 && !read.is_empty() && !put.is_empty() {
        let percent = (similarity * 100.0).round() / 100.0;
        reasons.push(Evidence::weighed(
            "look-alike",
            percent,
            format!("「{read}」「{put}」字形相近（{percent:.2}）"),
            format!("「{read}」 and 「{put}」 look alike ({percent:.2})"),
        ));
    }
    reasons.extend(sound(context, suspect));
    let (word_read, word_new) = (value(suspect, "word_read_chars"), value(suspect, "word_new_chars"));
    if word_new >= 2.0 && word_new > word_read {
        reasons.push(Evidence::said(
            "word",
            format!("改后成词（{word_new:.0} 字），原字不成"),
            format!("with it a word of {word_new:.0} characters stands here, without it none"),
        ));
    }
    let (place_read, place_new) = (value(suspect, "place_read_chars"), value(suspect, "place_new_chars"));
    if place_new >= 2.0 && place_new > place_read {
        reasons.push(Evidence::said("place", "改后是行政区划名", "with it the name of a place stands here"));
    }
    let elsewhere = value(suspect, "page_new_triple");
    if elsewhere > 0.0 && !put.is_empty() {
        let times = elsewhere.exp_m1().round();
        reasons.push(Evidence::weighed(
            "whole-elsewhere",
            times,
            format!("同样的字在本文别处出现 {times:.0} 次"),
            format!("the same characters stand elsewhere on the page, {times:.0} times"),
        ));
    }
    let sure = context.layout.sure_at(suspect.span.start).filter(|_| !read.is_empty());
    if let Some(sure) = sure {
        let percent = (f64::from(sure) * 100.0).round();
        reasons.push(Evidence::weighed(
            "engine-confidence",
            percent / 100.0,
            format!("引擎对「{read}」的把握为 {percent:.0}%"),
            format!("the engine was {percent:.0} % sure of 「{read}」"),
        ));
    }
    let channel = rounded(value(suspect, "channel"));
    reasons.push(Evidence::weighed(
        "channel-bits",
        -channel,
        format!("引擎这样误认的代价：{channel:.1} 比特"),
        format!("an engine misreads so at a cost of {channel:.1} bits"),
    ));
    reasons
}
