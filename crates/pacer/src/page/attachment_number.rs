//! Where courts count the main document as the first attachment.

use crate::court::{court_of_prefix, reads_as_bankruptcy};

/// The last document id, without prefix, for which a court counted so.
const LAST_COUNTED_FROM_ONE: &[(&str, u64)] = &[
    ("akd", 682_797),
    ("ared", 1_906_030),
    ("cacd", 9_630_188),
    ("ctd", 2_414_673),
    ("flmd", 7_734_601),
    ("flnd", 2_613_796),
    ("gamd", 995_021),
    ("gasd", 1_159_201),
    ("hid", 1_078_891),
    ("iand", 899_130),
    ("iasd", 1_192_972),
    ("ilnd", 8_278_610),
    ("innd", 1_560_410),
    ("kyed", 2_087_957),
    ("kywd", 1_738_484),
    ("mad", 3_618_527),
    ("mied", 4_148_337),
    ("miwd", 2_358_030),
    ("moed", 3_299_716),
    ("msnd", 888_190),
    ("mssd", 2_476_698),
    ("nced", 1_868_202),
    ("ncmd", 1_093_535),
    ("ndd", 299_419),
    ("ned", 1_868_173),
    ("nvd", 3_153_010),
    ("nyed", 6_778_644),
    ("nynd", 1_829_022),
    ("nysd", 8_012_889),
    ("nywd", 1_862_410),
    ("oked", 388_419),
    ("ord", 3_322_370),
    ("pamd", 3_122_200),
    ("sdd", 1_239_147),
    ("txed", 3_830_781),
    ("txnd", 4_975_453),
    ("utd", 1_745_928),
    ("vaed", 1_338_618),
    ("waed", 1_349_144),
    ("wawd", 3_755_107),
    ("wied", 1_420_356),
    ("wyd", 797_428),
];

/// What to subtract from the number that the page shows. All bankruptcy courts count the main
/// document; others did until some document, and then stopped.
pub(super) fn offset(court: &str, pacer_doc_id: Option<&str>) -> i64 {
    let counts_main = reads_as_bankruptcy(court) || pacer_doc_id.is_some_and(was_counted_from_one);
    i64::from(counts_main)
}

fn was_counted_from_one(pacer_doc_id: &str) -> bool {
    let Some((prefix, serial)) = pacer_doc_id.split_at_checked(3) else {
        return false;
    };
    let last = court_of_prefix(prefix).and_then(|court| {
        LAST_COUNTED_FROM_ONE
            .iter()
            .find(|(listed, _)| *listed == court)
    });
    let serial: Option<u64> = serial.parse().ok();
    last.zip(serial)
        .is_some_and(|((_, last), serial)| serial <= *last)
}
