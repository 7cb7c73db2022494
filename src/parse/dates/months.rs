//! Names of months, in the languages that feeds have been seen to use.

use super::solar;

/// A month and the calendar it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Month {
    Gregorian(u32),
    /// Solar Hijri, as used in Afghanistan and Iran.
    Solar(u32),
}

/// One line a month: whole names and abbreviations, lower case.
const GREGORIAN: [&str; 12] = [
    "jan january janv janvier jän jänner januar januari enero ene gennaio gen janeiro ocak stycznia янв января جنوری جنوري ژانویه يناير ιαν janúar",
    "feb february fév fev févr fevr février februar februari febrero febbraio fevereiro şubat lutego фев февраля فروری فبروري فوریه فبراير φεβ február",
    "mar march mars mär märz maerz mrz mrt maart marzo março marco mart marca мар марта مارچ مارس μαρ március márc",
    "apr april avr avril abr abril aprile nisan kwietnia апр апреля اپریل اپریل آوریل أبريل ابريل απρ április ápr",
    "may mai mei maj mayo mag maggio maio mayıs maja май мая مئی می مه مايو μάι μαϊ május máj",
    "jun june juin juni junio giu giugno junho haziran czerwca июн июня جون ژوئن يونيو ιούν ιον június jún",
    "jul july juil juillet juli julio lug luglio julho temmuz lipca июл июля جولائی جولای ژوئیه يوليو ιούλ ιολ július júl",
    "aug august aoû août aout ago agosto augustus ağustos sierpnia авг августа اگست اګست اوت أغسطس اغسطس αύγ αυγ augusztus",
    "sep sept september septembre septiembre set settembre setembro eylül września сен сентября ستمبر سپتمبر سپتامبر سبتمبر σεπ szeptember szept",
    "oct october okt oktober octobre octubre ott ottobre out outubro ekim października окт октября اکتوبر اکتبر أكتوبر اكتوبر οκτ október",
    "nov november novembre noviembre novembro kasım listopada ноя ноября نومبر نوامبر نوفمبر νοέ νοε",
    "dec december déc decembre décembre dez dezember dic diciembre dicembre dezembro aralık grudnia дек декабря دسمبر دسامبر ديسمبر δεκ",
];

pub(super) fn find(word: &str) -> Option<Month> {
    // English by its first three letters: `Sept`, `Octob`.
    if word.is_ascii() && word.len() >= 3 {
        const ENGLISH: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
        let full = ["january", "february", "march", "april", "may", "june"].into_iter().chain([
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ]);
        if let Some(at) = ENGLISH.find(&word[..3]).filter(|at| at % 3 == 0) {
            let month = at / 3;
            if full.into_iter().nth(month).is_some_and(|name| name.starts_with(word)) {
                return u32::try_from(month + 1).ok().map(Month::Gregorian);
            }
        }
    }
    let number = |table: &[&str; 12]| {
        let at = table.iter().position(|names| names.split(' ').any(|name| name == word))?;
        u32::try_from(at + 1).ok()
    };
    number(&GREGORIAN).map(Month::Gregorian).or_else(|| number(&solar::MONTHS).map(Month::Solar))
}
