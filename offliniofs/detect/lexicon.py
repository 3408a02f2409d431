"""The vocabulary of release names: which phrases say what.

Facts gathered from the scene's naming rules, the documentation of Radarr, Sonarr, Jellyfin and Kodi, and real names. A
phrase is written in lower case, with single spaces where a name may have spaces, dots, hyphens or underscores. Within a
table phrases are separated by commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from offliniofs.detect.marks import Field, Meaning, Phrases, Strength

_STRONG: Mapping[Field, Mapping[str, str]] = {
    Field.SOURCE: {
        "bluray": (
            "full blu ray, full bluray, complete bluray, complete blu ray, complete uhd bluray, "
            "complete uhd blu ray, bluraymux, blu ray mux, brmux, bluray, blu ray, mbluray, bdmux, "
            "bdremux, bd remux, uhdbd, uhd bd, uhd2bd, bdiso, bd iso, bd25, bd50, bd66, bd100, bdmv, "
            "br disk, brdisk, hd dvd, hddvd, uhdremux, uhdrip, uhd bluray, uhd blu ray, 3d bd, bd3d, "
            "blurayrip, blu ray rip, bluray rip, br remux, brremux, uhd25, uhd50, uhd66, uhd100, "
            "uhd 50, uhd 66, uhd 100, bd 25, bd 50, bd 66, bd 100, uhd iso"
        ),
        "bluray-rip": ("bdrip, bd rip, bdlight, brrip, br rip, uhdbdrip, hddvdrip, hd dvdrip, mbdrip, bdrips, hdbrrip"),
        "webdl": (
            "dlmux, webuhd, webdlx264, webdl, web dl, webdlmux, web dlmux, web dl mux, amazonhd, "
            "amazonsd, ituneshd, maxdomehd, netflixhd, netflixuhd, webhd, hbomaxhd, disneyhd, "
            "webdl1080p, web hd"
        ),
        "webrip": "webrip, web rip, webmux, webdlrip, web dlrip, web dl rip, webcap, web cap",
        "hdtv": "hdtv, ahdtv, uhdtv, hdtvmux, hdtvx264, hdtvxvid, hdtv rip",
        "tv": (
            "pdtvx264, pdtvxvid, satmux, dttmux, pdtv, sdtv, dsr, ws dsr, wsdsr, dsrip, tvrip, "
            "tv rip, satrip, sat rip, dthrip, dth rip, dvbrip, dvb rip, dvb, hdtvrip, hdtv rip, "
            "iptvrip, ppvrip, dtvrip"
        ),
        "dvd": "dvdrip, dvd rip, dvdmux, xvidvd, dvdrips, dvd rips, 2xdvd",
        "dvdr": (
            "dvdr, dvd r, dvd5, dvd 5, dvd9, dvd 9, mdvdr, mdvd r, mdvd9, mdvd5, 2xdvd9, 2xdvd5, "
            "2xdvdr, 3xdvd9, 3xdvd5, 2xdvd r, xdvdr, 2dvd9, 2dvd5, 2dvdr, full dvd"
        ),
        "screener": (
            "dvdscr, dvd scr, dvdscreener, dvd screener, screener, bdscr, bd scr, webscr, web scr, "
            "webscreener, hdscr, vhsscr, scrrip, dvdscrrip, brscr"
        ),
        "cam": ("camrip, cam rip, hdcam, hd cam, hqcam, hq cam, newcam, new cam, hdcamrip, hd camrip, hqcamrip"),
        "telesync": (
            "ts screener, telesync, telesynch, hdts, hd ts, pdvd, predvd, pre dvd, predvdrip, "
            "pre dvdrip, tsrip, ts rip, hdtsrip, hd tsrip, hqts, pdvdrip"
        ),
        "telecine": "telecine, hdtc, hd tc, tcrip, tc rip, hdtcrip",
        "workprint": "workprint",
        "hdrip": (
            "hdrip, hd rip, hdripped, vodrip, vod rip, uhdrips, hdlight, hd light, microhd, mhd, "
            "vhsrip, vhs rip, ldrip, laserdisc, dcp, vodhd"
        ),
    },
    Field.RESOLUTION: {
        "2160p": (
            "2160, 2160px, 4k uhd, uhd 4k, 4k hevc, hevc 4k, 4k h265, h265 4k, 4k h 265, h 265 4k, "
            "4k x265, 4kuhd, uhd4k"
        ),
        "1080p": "fhd, 1080 p, fullhd, 4kto1080p, 1080hd, m1080p",
        "720p": "720 p, hd720p, hd720, m720p",
        "480p": "480 p",
    },
    Field.CODEC: {
        "h264": (
            "x264, h264, h 264, x 264, avc, x264 hi10p, hi10p, hi10, hi10pp, hi422p, hi444pp, x264 10bit, h264p, xh264"
        ),
        "h265": "x265, h265, h 265, x 265, hevc, x265 10bit, hevc10, hevc10bit, h265p",
        "h266": "h266, h 266, x266, vvc",
        "xvid": "xvid, x vid",
        "xvidhd": "xvidhd",
        "divx": "divx, divx5, divx6",
        "mpeg2": "mpeg2, mpeg 2, mpeg2video",
        "vc1": "vc1, vc 1",
        "mvc": "mvc",
        "av1": "av1",
        "vp9": "vp9",
        "wmv": "wmv, wmv9, wmvhd, wmv hd",
    },
    Field.AUDIO: {
        "AAC": (
            "aac, aac2 0, aac 2 0, aac5 1, aac 5 1, aac2, he aac, heaac, aac 2ch, qaac, aac20, "
            "aac51, lc aac, aac1 0, aac 1 0, aacx2, aac lc"
        ),
        "AC3": (
            "ac3, dd5 1, dd 5 1, dd2 0, dd 2 0, dd51, dd20, ac3 5 1, ac3d, dolby digital, ac 3, "
            "ac3 2 0, dd1 0, dd 1 0, ac3x2, ac3md, ac3 dub, ac3 hq, ac3hq, ac5 1, ac35 1"
        ),
        "EAC3": (
            "eac3, e ac 3, e ac3, ddp5 1, ddp 5 1, ddp2 0, ddp 2 0, ddp, dd+ 5 1, dd+5 1, ddp51, "
            "ddp7 1, ddp 7 1, ddpa5 1, ddpa, ddplus, ddp20, dolby digital plus, eac3 5 1, ddp1 0, "
            "ddpa7 1, dd+2 0, dd+ 2 0, dd+"
        ),
        "DTS": "dts, dts 5 1, dts5 1, dtsrip, dts es, dtses, dts dl, dtsd, dts 6 1, dts2 0",
        "DTS-HD": (
            "dts hd, dts hd ma, dts hdma, dtshd, dts ma, dts hd ma 5 1, dts hd ma 7 1, dts hd hra, "
            "dts hra, dtshdma, dts hd hr, dts hd ma5 1, dts hd ma7 1, dts hd ma 2 0, dts hd ma 1 0, "
            "dts hdma5 1, dts hd 5 1, dtsma"
        ),
        "DTS:X": "dts x, dtsx, dts x 7 1, dts x7 1",
        "TrueHD": "truehd, true hd, truehd5 1, truehd7 1, truehd 5 1, truehd 7 1, dolby truehd",
        "Atmos": (
            "atmos, dolby atmos, ddp5 1 atmos, truehd atmos, truehd 7 1 atmos, truehd7 1 atmos, "
            "ddp 5 1 atmos, ddpa5 1 atmos"
        ),
        "FLAC": "flac, flac2 0, flac5 1, flac 2 0, flac 5 1, flac1 0, flac 1 0, flacx2",
        "PCM": "lpcm, pcm, lpcm2 0, lpcm 2 0, pcm 2 0, pcm2 0",
        "MP3": "mp3, mp3 2 0, lame",
        "Opus": "opus 2 0, opus2 0, opus5 1, opus 5 1",
        "Vorbis": "vorbis",
        "MP2": "mp2",
    },
    Field.HDR: {
        "HDR10+": "hdr10+, hdr10plus, hdr10p",
        "HDR10": "hdr10, hdr, hdr 10, hdr10bit",
        "DV": "dolby vision, dovi, dv hdr, dv hdr10, dv hdr10+, dovi hdr",
        "HLG": "hlg",
        "SDR": "sdr",
    },
    Field.EDITION: {
        "Director's Cut": (
            "director cut, director's cut, directors cut, director\u2019s cut, director s cut, "
            "director's edition, directors edition, dir cut"
        ),
        "Extended": "extended cut, extended edition, extended version, extended dc",
        "Theatrical": "theatrical cut, theatrical version, theatrical edition, theatrical release",
        "Special Edition": "special edition",
        "Collector's Edition": "collector's edition, collectors edition, collector edition",
        "Ultimate Edition": (
            "ultimate edition, ultimate cut, ultimate collector's edition, "
            "ultimate collectors edition, ultimate hunter edition"
        ),
        "Final Cut": "the final cut",
        "Anniversary Edition": "anniversary edition",
        "Criterion": "criterion collection, criterion edition, the criterion collection",
        "IMAX": "imax edition, imax enhanced",
        "Remastered": "4k remaster, 4k remastered, digitally remastered, remastered edition",
        "Unrated": ("unrated, unrated edition, unrated version, unrated cut, unrated dc, unrated directors cut"),
        "Uncut": "uncut version, uncut edition",
        "Open Matte": "open matte",
        "Despecialized": "despecialized",
        "Fan Edit": "fan edit, fanedit",
        "Rogue Cut": "rogue cut",
        "Assembly Cut": "assembly cut",
        "Alternative Cut": "alternative cut, alternate cut",
        "Workprint": "workprint cut",
    },
    Field.LANGUAGE: {
        "fr": "truefrench, subforced french, vff, vfq, vf2, vfi",
        "mul": "multi vf, multi vff, multi vf2",
    },
    Field.MODIFIER: {
        "repack": "repack, repack1, repack2, repack3, rerip, rerip1, rerip2, rerip3, re rip",
        "remux": "remuxed",
        "rawhd": "rawhd, raw hd",
    },
    Field.SERVICE: {
        "amzn": "amzn",
        "atvp": "atvp",
        "dsnp": "dsnp",
        "hmax": "hmax",
        "pcok": "pcok",
    },
    Field.NOISE: {
        "subtitles": (
            "vostfr, subfrench, vost, esub, esubs, e sub, multisub, multisubs, multi sub, "
            "multi subs, msubs, msub, subbed, hardsub, hardsubs, hc hdrip, softsub, nlsubs, nl subs, "
            "eng sub, eng subs, english sub, english subs, sub ita, sub eng, ita sub, subita, "
            "subs eng, swesub, norsub, dksubs, plsub, legendado, legendas, korsub, engsub, engsubs, "
            "sub eng ita, sub ita eng, dual subs, dual sub, sub esp, vose, vostr, nordic subs, "
            "multi subtitles, english subtitles, subs"
        ),
        "audio": ("dual audio, dualaudio, multi audio, dual lat, dubbed, dublado, dubs, line audio, md, dublaj"),
        "depth": "10bit, 10 bit, 8bit, 8 bit, 12bit, 10bits, 8bits",
        "container": "mkv, mp4, avi, m4v",
        "channels": "5 1ch, 2ch, 6ch, 8ch, 7 1ch",
        "rate": "23 976fps, 60fps, 50fps, 24fps, 25fps, 30fps, 48fps, 120fps",
        "shape": (
            "3d hsbs, 3d h sbs, hsbs, h sbs, half sbs, half ou, hou, h ou, 3d half sbs, 3d sbs, 3d ou, full sbs, sbs 3d"
        ),
        "disc": "1cd, 2cd, 3cd, 4cd, cd1, cd2, cd3, cd4, cd 1, cd 2",
        "pack": (
            "complete series, complete season, the complete series, the complete season, "
            "complete collection, full season, season pack, integrale, intégrale, integral"
        ),
        "conversion": "nfofix, nfo fix, dirfix, read nfo, readnfo, samplefix, prooffix, subfix",
    },
}

_WEAK: Mapping[Field, Mapping[str, str]] = {
    Field.SOURCE: {
        "bluray": "bd, uhd remux",
        "webdl": "web",
        "dvd": "dvd, ntsc, pal, dvds",
        "cam": "cam",
        "hd tv": "hd tv",
        "sd tv": "sd tv",
        "regional": "regional, r5, r6, r3, r9",
        "hdrip": "vhs, vod, ppv, tv",
    },
    Field.RESOLUTION: {
        "2160p": "4k, uhd",
        "1080p": "1080",
        "720p": "720",
        "480p": "480",
    },
    Field.EDITION: {
        "Extended": "extended",
        "Theatrical": "theatrical",
        "Remastered": "remastered, remaster",
        "IMAX": "imax",
        "Uncut": "uncut",
        "Uncensored": "uncensored",
        "Criterion": "criterion",
        "Director's Cut": "director, directors",
        "Restored": "restored",
        "Final Cut": "final cut",
        "Redux": "redux",
        "Ultimate Edition": "ultimate",
        "Festival": "festival",
        "Fan Edit": "fan",
        "Special Edition": "special",
        "Collector's Edition": "collector",
    },
    Field.LANGUAGE: {
        "en": "eng, english, anglais, ingles",
        "fr": "french, francais, français",
        "de": "ger, german, deutsch",
        "es": "spanish, espanol, español, castellano, latino",
        "it": "ita, italian, italiano",
        "pt": "portuguese, portugues, português",
        "ru": "rus, russian",
        "ja": "jpn, japanese",
        "ko": "kor, korean",
        "zh": "chinese, mandarin, cantonese",
        "hi": "hin, hindi",
        "ta": "tamil",
        "te": "telugu",
        "ml": "malayalam",
        "kn": "kannada",
        "bn": "bengali",
        "pa": "punjabi",
        "ur": "urdu",
        "pl": "polish",
        "nl": "dutch, flemish",
        "sv": "swedish",
        "no": "norwegian",
        "da": "danish",
        "fi": "finnish",
        "is": "icelandic",
        "cs": "czech",
        "sk": "slovak",
        "hu": "hungarian",
        "ro": "romanian",
        "bg": "bulgarian",
        "el": "greek",
        "tr": "turkish",
        "uk": "ukrainian",
        "he": "hebrew",
        "ar": "arabic",
        "fa": "persian, farsi",
        "th": "thai",
        "vi": "vietnamese",
        "id": "indonesian",
        "lt": "lithuanian",
        "lv": "latvian",
        "et": "estonian",
        "ca": "catalan",
        "mul": "multi, multilang, multilanguage",
    },
    Field.MODIFIER: {
        "proper": "proper",
        "remux": "remux",
        "internal": "internal, int",
    },
    Field.DISC: {
        "complete": "complete",
        "disc": "disc, disk",
        "image": "iso",
    },
    Field.AUDIO: {
        "Opus": "opus",
        "AC3": "dd",
    },
    Field.CODEC: {
        "mpeg4": "mpeg4, mpeg 4, mpeg",
    },
    Field.SERVICE: {
        "netflix": "netflix",
        "hulu": "hulu",
        "amazon": "amazon",
    },
    Field.NOISE: {
        "subtitles": "subtitles, sub, unsubbed",
        "audio": "dual, dub",
        "limited": (
            "limited, ws, fs, widescreen, fullscreen, hq, hr, hybrid, custom, retail, subpack, "
            "sample, proof, final, hd, sd, uhq, 3d, 2d, sbs, season, nfo, dl, remastering, line, "
            "dubbing, encode, rip, converted, oar, sync, the complete"
        ),
        "genre": "miniseries, mini series, stv, convert, coffret, doku, docu, xxx, hfr",
        "colour": "colorized, colourized, bw",
    },
}

_UPPER: Mapping[Field, Mapping[str, str]] = {
    Field.SOURCE: {
        "telesync": "ts",
        "telecine": "tc",
        "screener": "scr",
        "workprint": "wp",
        "regional": "r1, r2, r4, r7, r8, r0",
    },
    Field.EDITION: {
        "Director's Cut": "dc",
        "Special Edition": "se",
        "Extended": "ee",
    },
    Field.HDR: {
        "DV": "dv",
    },
    Field.LANGUAGE: {
        "en": "eng, en",
        "fr": "fre, fra, fr, vf",
        "de": "ger, deu, de",
        "es": "spa, esp, es, cast",
        "it": "ita, it",
        "pt": "por, pt, ptbr",
        "ru": "rus, ru",
        "ja": "jpn, jap, jp, ja",
        "ko": "kor",
        "zh": "chi, zho, chs, cht, zh",
        "hi": "hin",
        "pl": "pol, pl",
        "nl": "dut, nld, nl",
        "sv": "swe",
        "no": "nor",
        "da": "dan, dk",
        "fi": "fin",
        "cs": "cze, ces, cz",
        "hu": "hun",
        "ro": "rum, ron",
        "el": "gre",
        "tr": "tur, tr",
        "uk": "ukr",
        "he": "heb",
        "ar": "ara",
        "ca": "cat",
        "ta": "tam",
        "te": "tel",
    },
    Field.MODIFIER: {
        "real": "real",
    },
    Field.AUDIO: {
        "DTS-HD": "ma",
    },
    Field.SERVICE: {
        "nf": "nf",
        "dp": "dp",
        "hbo": "hbo, max",
        "itunes": "it1, itunes",
        "bbc": "ip, red, cr, cc, pmtp, stan, dsny, hulu",
    },
    Field.NOISE: {
        "limited": "hc, dd2, md, ld, mic, stv, hou, oav, vo, ova, op, ed, tv",
    },
}


def _compile() -> Phrases:
    table: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
    for strength, fields in ((Strength.STRONG, _STRONG), (Strength.WEAK, _WEAK), (Strength.UPPER, _UPPER)):
        for field, values in fields.items():
            for value, phrases in values.items():
                for phrase in phrases.split(","):
                    words = tuple(phrase.split())
                    table.setdefault(words[0], []).append((words, Meaning(field, value, strength)))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return MappingProxyType(table)


PHRASES: Phrases = _compile()
"""Every phrase of the vocabulary, by its first token."""
