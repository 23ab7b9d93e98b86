"""Words to decisions: split, type, patient, date. Pure: no I/O, no clock, no log.

`decide` is the way through the room. The other modules by the question that they answer:

- What stands where on a page, and what may a word have been? `layout`, `remembered`, `words`,
  `phrases`, `wordings`, `dates`, `misread`, `check_digits`
- Where does a document begin and end? `split`, `boundary`, `traits`, `another`, `folio`, `titles`,
  `houses`, `cover`, `fax`
- What kind of document is it, and of which day? `classify`, `word_odds`, `doctypes`, `learned`,
  `training`, `service_date`, `only_day`
- What do the pages say about whose they are? `clues`, `labels`, `sections`, `values`, `names`,
  `banners`, `stickers`, `footers`, `unlabelled`, `headers`, `doubt`
- Whose is it? `patient`, `match`, `weights`, `wanted`, `alike`, `slips`, `reasons`
- What forbids it? `captions`, `ages`, `newborns`, `speakers`, `stamps`, `roster`, `astray`
- What was decided or claimed beforehand? `policy`, `rulebook`, `claim`
"""
