//! From which number attachments are counted.
//!
//! Many district courts counted the main document as the first part until some document, as
//! bankruptcy courts still do. Readers know by the id, so that menus here must keep to it. The table has
//! the same source as theirs (docs/SIMULATOR.md, "What it shares").

/// The last document, by its id without prefix and flag, that a court counted so.
const LAST_COUNTED_FROM_MAIN: &[(&str, u64)] = &[
    ("akd", 682_797),
    ("ared", 1_906_030),
    ("cacd", 9_630_188),
    ("ctd", 2_414_673),
    ("flmd", 7_734_601),
    ("flnd", 2_613_796),
    ("gamd", 995_021),
    ("gasd", 1_159_201),
    ("hid", 1_078_891),
    ("ilnd", 8_278_610),
    ("iand", 899_130),
    ("innd", 1_560_410),
    ("iasd", 1_192_972),
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

/// The number that a district court's menu shows for an attachment.
pub fn shown(court: &str, serial: u64, attachment: u32) -> u32 {
    let listed = LAST_COUNTED_FROM_MAIN.iter().find(|(id, _)| *id == court);
    let counts_main = listed.is_some_and(|(_, last)| serial <= *last);
    attachment + u32::from(counts_main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_old_document_is_counted_as_of_old() {
        assert_eq!(shown("nysd", 8_012_889, 1), 2);
        assert_eq!(shown("nysd", 8_012_890, 1), 1);
        assert_eq!(shown("okwd", 5, 1), 1);
    }
}
