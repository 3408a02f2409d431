"""Release names → quality classes: every class in many spellings, by the customs of movies and of series."""

from __future__ import annotations

import pytest

from offliniofs.detect.names import identify_name
from offliniofs.detect.quality import QUALITIES

MOVIES: dict[str, tuple[str, ...]] = {
    "WORKPRINT": ("Quiet.Harbour.2011.WORKPRINT.XviD-AB", "Quiet Harbour (2011) Workprint x264"),
    "CAM": (
        "Quiet.Harbour.2019.CAM.x264-AB",
        "Quiet Harbour 2019 HDCAM 720p x264 AAC",
        "Quiet.Harbour.2019.HD-CAM.XviD",
        "Quiet Harbour (2019) 1080p CAMRip x264",
        "Quiet.Harbour.2019.NEWCAM.H264.AAC-AB.mkv",
        "Quiet.Harbour.2019.HQCAM.AAC.x264",
    ),
    "TELESYNC": (
        "Quiet.Harbour.2019.TS.XviD-AB",
        "Quiet Harbour 2019 HDTS 1080p x264",
        "Quiet.Harbour.2019.HD-TS.720p.x264-AB.mkv",
        "Quiet.Harbour.2019.TELESYNC.x264-AB",
        "Quiet Harbour (2019) TSRip XviD.avi",
        "Quiet.Harbour.2019.PDVD.x264",
    ),
    "TELECINE": (
        "Quiet.Harbour.2009.TC.XviD-AB",
        "Quiet.Harbour.2009.HDTC.1080p.x264",
        "Quiet Harbour 2009 TELECINE x264",
        "Quiet.Harbour.2009.HD-TC.AAC",
    ),
    "REGIONAL": (
        "Quiet.Harbour.2009.R5.XviD-AB",
        "Quiet Harbour 2009 REGIONAL x264",
        "Quiet.Harbour.2009.DVDRip.R5.AC3",
    ),
    "DVDSCR": (
        "Quiet.Harbour.2014.DVDSCR.XviD-AB",
        "Quiet Harbour (2014) DVDScr x264 AAC",
        "Quiet.Harbour.2014.DVDSCREENER.XviD.avi",
        "Quiet.Harbour.2014.SCREENER.720p.x264",
        "Quiet_Harbour_2014_SCR_XviD",
    ),
    "SDTV": (
        "Quiet.Harbour.1994.TVRip.XviD-AB",
        "Quiet.Harbour.1994.PDTV.x264",
        "Quiet Harbour 1994 SDTV.mkv",
        "Quiet.Harbour.1994.WS.DSR.XviD",
        "Quiet.Harbour.1994.HDTV.XviD-AB",
        "Quiet.Harbour.1994.x264-AB",
        "Quiet Harbour (1994).avi",
        "Quiet Harbour (1994).mp4",
        "Quiet Harbour (1994).wmv",
        "Quiet.Harbour.1994.480p-AB",
        "Quiet.Harbour.1994.576p.x264-AB.avi",
        "Quiet Harbour SD TV 1994",
    ),
    "DVD": (
        "Quiet.Harbour.2003.DVDRip.XviD-AB",
        "Quiet Harbour 2003 DVD x264.mkv",
        "Quiet.Harbour.2003.NTSC.DVD.x264",
        "Quiet.Harbour.2003.PAL.XviDvd-AB",
        "Quiet.Harbour.2003.1080p.DVDRip.x264-AB",
        "Quiet_Harbour_2003_DVDRip_XviD",
        "Quiet Harbour (2003).iso",
        "Quiet Harbour (2003).vob",
    ),
    "DVD-R": (
        "Quiet.Harbour.2003.PAL.DVDR-AB",
        "Quiet.Harbour.2003.NTSC.DVD-R-AB",
        "Quiet Harbour 2003 DVD9",
        "Quiet.Harbour.2003.DVD5.AC3",
        "Quiet.Harbour.2003.COMPLETE.PAL.MDVDR-AB",
        "Quiet.Harbour.2003.2xDVD9-AB",
    ),
    "WEBDL-480p": (
        "Quiet.Harbour.2015.WEB-DL.x264-AB",
        "Quiet.Harbour.2015.480p.WEB-DL.AAC2.0.H.264-AB.mkv",
        "Quiet Harbour 2015 iTunesHD x264",
        "Quiet.Harbour.2015.WEB.x264-AB",
        "Quiet.Harbour.2015.576p.WEBDL.x264",
        "Quiet Harbour (2015) 480p.mkv",
        "Quiet.Harbour.2015.AmazonSD.x264",
    ),
    "WEBRip-480p": (
        "Quiet.Harbour.2015.WEBRip.x264-AB",
        "Quiet Harbour 2015 480p WEBRip AAC",
        "Quiet.Harbour.2015.WEBMux.x264",
    ),
    "Bluray-480p": (
        "Quiet.Harbour.2006.BDRip.XviD-AB",
        "Quiet.Harbour.2006.BRRip.x264-AB.mp4",
        "Quiet.Harbour.2006.480p.BluRay.x264-AB",
        "Quiet Harbour 2006 BluRay XviD",
        "Quiet.Harbour.2006.720p.BluRay.DivX-AB",
        "Quiet.Harbour.2006.540p.Blu-ray.x264",
        "Quiet.Harbour.2006.BDLight.x264",
        "Quiet.Harbour.2006.480p.REMUX-AB",
        "Quiet.Harbour.2006.HD-DVDRip.x264",
    ),
    "Bluray-576p": (
        "Quiet.Harbour.2006.576p.BluRay.x264-AB",
        "Quiet Harbour (2006) 576p Blu-ray AC3.mkv",
        "Quiet.Harbour.2006.576p.BDRip.x264",
    ),
    "HDTV-720p": (
        "Quiet.Harbour.2013.720p.HDTV.x264-AB",
        "Quiet Harbour 2013 [HDTV] x264",
        "Quiet.Harbour.2013.720p-AB",
        "Quiet.Harbour.2013.720p.PDTV.x264",
        "Quiet.Harbour.2013.HR.WS.PDTV.x264",
        "Quiet Harbour 2013 HD TV",
        "Quiet.Harbour.2013.960p.HDTV.x264",
        "Quiet Harbour 2013 1280x720 x264",
        "Quiet.Harbour.2013.720p.x264-AB.mp4",
    ),
    "WEBDL-720p": (
        "Quiet.Harbour.2016.720p.WEB-DL.DD5.1.H264-AB",
        "Quiet Harbour (2016) 720p.mkv",
        "Quiet Harbour (2016).mkv",
        "Quiet.Harbour.2016.[WEBDL].x264",
        "Quiet.Harbour.2016.720p.WEB.h264-AB",
        "Quiet.Harbour.2016.720p.AMZN.WEB-DL.DDP5.1.H.264-AB",
        "Quiet.Harbour.2016.WEB.720p.x264",
        "Quiet Harbour 2016 [WEB] x264",
    ),
    "WEBRip-720p": ("Quiet.Harbour.2016.720p.WEBRip.x264-AB", "Quiet Harbour 2016 720p Web-Rip.mp4"),
    "Bluray-720p": (
        "Quiet.Harbour.2008.720p.BluRay.x264-AB",
        "Quiet Harbour (2008) BluRay.mkv",
        "Quiet.Harbour.2008.Blu-ray.DTS.x264",
        "Quiet.Harbour.2008.BDRip.720p.x264",
        "Quiet.Harbour.2008.720p.BluRay.REMUX.x264",
        "Quiet.Harbour.2008.720p.HD-DVD.x264",
        "Quiet_Harbour_2008_720p_BRRip_x264",
        "Quiet Harbour 2008 bluray720p",
        "Quiet Harbour (2008).m2ts",
        "Quiet.Harbour.2008.720p.MBluRay.x264",
        "Quiet Harbour 2008 (BD 1280x720 x264 AAC)",
    ),
    "HDTV-1080p": (
        "Quiet.Harbour.2013.1080p.HDTV.x264-AB",
        "Quiet Harbour 2013 1080i HDTV h264",
        "Quiet.Harbour.2013.1080p-AB",
        "Quiet.Harbour.2013.1080p.TVRip.x264",
        "Quiet Harbour 2013 1920x1080 AAC",
        "Quiet.Harbour.2013.1440p.HDTV.x264",
        "Quiet.Harbour.2013.1080p.x265.AC3.mp4",
    ),
    "WEBDL-1080p": (
        "Quiet.Harbour.2016.1080p.WEB-DL.DD5.1.H.264-AB.mkv",
        "Quiet Harbour (2016) 1080p.mkv",
        "Quiet.Harbour.2016.1080p.NF.WEB-DL.DDP5.1.x264-AB",
        "Quiet.Harbour.2016.1080p.WEB.H264-AB",
        "Quiet Harbour 2016 WEB 1080p x264",
        "Quiet.Harbour.2016.1080p.NetflixUHD.x264",
        "Quiet.Harbour.2016.HYBRID.1080p.WEB-DL.x265",
        "Quiet.Harbour.2016.1080p.Hybrid.WEB.x265-AB",
        "[ Quiet Harbour / 2016 / WEB / 1080p ]",
    ),
    "WEBRip-1080p": ("Quiet.Harbour.2016.1080p.WEBRip.x265-AB", "Quiet Harbour (2016) [1080p] [WEBRip] [5.1] [AB]"),
    "Bluray-1080p": (
        "Quiet.Harbour.2008.1080p.BluRay.x264-AB",
        "Quiet Harbour (2008) Bluray-1080p.mkv",
        "Quiet.Harbour.2008.BRRip.1080p.x264",
        "Quiet.Harbour.2008.1080p.BluRay.HEVC-AB",
        "Quiet.Harbour.2008.1080p.BDMux.x264",
        "Quiet.Harbour.2008.German.DL.1080p.BluRay.x264-AB",
        "Quiet Harbour 2008 Bluray1080p",
        "Quiet.Harbour.2008.1080p.UHD.BluRay.DDP5.1.x265-AB",
        "Quiet.Harbour.2008.4kto1080p.BluRay.x265",
        "Quiet.Harbour.2008.1080p.BluRay.x264-Remux",
        "Quiet Harbour 2008 [BD 1080p FLAC x265]",
    ),
    "Remux-1080p": (
        "Quiet.Harbour.2008.1080p.BluRay.REMUX.AVC.DTS-HD.MA.5.1-AB",
        "Quiet Harbour (2008) Remux-1080p.mkv",
        "Quiet.Harbour.2008.BluRay.1080p.Remux.VC-1",
        "Quiet.Harbour.2008.BDRemux.1080p.DTS",
        "Quiet.Harbour.2008.1080p.REMUX-AB",
        "Quiet.Harbour.2008.Blu-ray.Remux.AVC",
        "Quiet.Harbour.2008.Hybrid-REMUX.1080p",
        "Quiet.Harbour.2008.German.DL.1080p.AVC.BluRay-AB",
        "Quiet_Harbour_2008_1080p_BluRay_Remux_AVC",
    ),
    "HDTV-2160p": (
        "Quiet.Harbour.2018.2160p.HDTV.x265-AB",
        "Quiet Harbour 2018 2160p",
        "Quiet.Harbour.2018.UHD.HDTV.HEVC",
    ),
    "WEBDL-2160p": (
        "Quiet.Harbour.2018.2160p.WEB-DL.DDP5.1.HDR.HEVC-AB",
        "Quiet Harbour (2018) 2160p.mkv",
        "Quiet.Harbour.2018.4K.HEVC.WEB-DL-AB",
        "Quiet.Harbour.2018.UHD.WEB-DL.x265",
        "Quiet.Harbour.2018.2160p.DSNP.WEB-DL.DV.HDR.H.265-AB",
        "Quiet Harbour 2018 3840x2160 WEB-DL",
    ),
    "WEBRip-2160p": ("Quiet.Harbour.2018.2160p.WEBRip.x265-AB", "Quiet Harbour 2018 4K UHD WEBRip"),
    "Bluray-2160p": (
        "Quiet.Harbour.2018.2160p.BluRay.x265-AB",
        "Quiet.Harbour.2018.2160p.UHD.BluRay.x265.10bit.HDR-AB",
        "Quiet.Harbour.2018.UHD.BluRay.x265-AB",
        "Quiet Harbour 2018 [4K] BDRip x265",
        "Quiet.Harbour.2018.4K.UHD.Blu-ray.x265",
        "Quiet.Harbour.2018.2160p.UHDBDRip.x265",
    ),
    "Remux-2160p": (
        "Quiet.Harbour.2018.2160p.UHD.BluRay.REMUX.HDR.HEVC.Atmos-AB",
        "Quiet Harbour (2018) Remux-2160p.mkv",
        "Quiet.Harbour.2018.UHD.BluRay.Remux.HEVC-AB",
        "Quiet.Harbour.2018.2160p.BDREMUX.DV",
    ),
    "BR-DISK": (
        "Quiet.Harbour.2008.COMPLETE.BLURAY-AB",
        "Quiet.Harbour.2008.1080p.Blu-ray.AVC.DTS-HD.MA.5.1-AB",
        "Quiet.Harbour.2018.COMPLETE.UHD.BLURAY-AB",
        "Quiet Harbour 2008 BD50 1080p",
        "Quiet.Harbour.2008.BluRay.VC-1.1080p-AB",
        "Quiet.Harbour.2008.3D.BD.1080p",
        "Quiet Harbour 2008 BR-DISK",
        "Quiet.Harbour.2008.Full.Blu-ray.1080p",
        "Quiet.Harbour.2018.2160p.Blu-ray.HEVC.TrueHD-AB",
        "Quiet.Harbour.2008.HD-DVD.VC-1-AB",
        "Quiet.Harbour.2008.BDISO",
    ),
    "Raw-HD": ("Quiet.Harbour.2010.1080i.HDTV.MPEG2-AB", "Quiet Harbour 2010 Raw-HD", "Quiet.Harbour.2010.RawHD.720p"),
    "Unknown": (
        "Quiet.Harbour.2010",
        "Quiet Harbour (2010).webm",
        "Quiet.Harbour.2010.AAC-AB",
        "Quiet.Harbour.2010.x265-AB",
    ),
}
"""A film of no name, as movies are named."""

SERIES: dict[str, tuple[str, ...]] = {
    "SDTV": (
        "Lantern.Row.S03E04.HDTV.XviD-AB",
        "Lantern Row - 3x04 - The Gate [SDTV]",
        "Lantern.Row.S03E04.DSR.XviD-AB",
        "Lantern.Row.S03E04.PDTV.x264-AB",
        "Lantern.Row.S03E04.x264-AB",
        "Lantern Row S03E04.avi",
        "Lantern.Row.2015.03.21.HDTV.x264-AB",
        "[AB] Lantern Row - 04 [480p].mkv",
        "Lantern.Row.S03E04.576p.HDTV.x264",
        "Lantern.Row.304.HDTV-AB",
        "Lantern.Row.S03E04.480p-AB.mkv",
        "Lantern.Row.S03.TVRip.XviD-AB",
    ),
    "DVD": (
        "Lantern.Row.S03E04.DVDRip.XviD-AB",
        "Lantern.Row.S03E04.NTSC.x264",
        "Lantern.Row.S03.PAL.DVDR-AB",
        "[AB] Lantern Row - 04 (DVD 640x480 x264)",
        "Lantern Row S03E04.iso",
    ),
    "WEBDL-480p": (
        "Lantern.Row.S03E04.WEB-DL.x264-AB",
        "Lantern.Row.S03E04.480p.WEB.x264-AB",
        "Lantern Row S03E04 576p WEB-DL",
        "[AB] Lantern Row - 04 [WEB 480p]",
    ),
    "WEBRip-480p": ("Lantern.Row.S03E04.WEBRip.XviD-AB", "Lantern.Row.S03E04.480p.WEBRip.x264"),
    "Bluray-480p": (
        "Lantern.Row.S03E04.BDRip.x264-AB",
        "Lantern.Row.S03E04.480p.BluRay.x264-AB",
        "Lantern.Row.S03E04.BluRay.XviD",
        "Lantern.Row.S03E04.576p.BDRip.x264",
    ),
    "Bluray-576p": ("Lantern.Row.S03E04.576p.BluRay.DD2.0.x264-AB", "Lantern Row 3x04 576p Blu-Ray"),
    "HDTV-720p": (
        "Lantern.Row.S03E04.720p.HDTV.x264-AB",
        "Lantern Row - S03E04 - The Gate [HDTV]",
        "Lantern Row S03E04.mkv",
        "Lantern Row S03E04.ts",
        "[AB] Lantern Row - 04 [720p].mkv",
        "Lantern.Row.S03E04.720p-AB",
        "[AB]_Lantern_Row_-_04v2_[1280x720_H.264]_[A1B2C3D4].mkv",
        "Lantern.Row.S03E04.HR.WS.PDTV.XviD",
        "Lantern.Row.S03E04.720p.DSR.x264",
        "Lantern Row S03E04 HD TV",
        "Lantern.Row.2x4.720p.x264.mp4",
    ),
    "WEBDL-720p": (
        "Lantern.Row.S03E04.720p.WEB-DL.DD5.1.H.264-AB",
        "Lantern.Row.S03E04.WEB.720p.x264",
        "Lantern.Row.S03E04.720p.WEB.h264-AB",
        "[AB] Lantern Row - 04 [WEB]",
        "[AB] Lantern Row - 04 (WEB 720p)",
        "Lantern Row S03E04 [WEBDL]",
        "Lantern.Row.S03E04.720p.ATVP.WEB-DL.DDP5.1-AB",
    ),
    "WEBRip-720p": ("Lantern.Row.S03E04.720p.WEBRip.AAC2.0.H.264-AB", "Lantern Row 3x04 WEBRip 720p"),
    "Bluray-720p": (
        "Lantern.Row.S03E04.720p.BluRay.x264-AB",
        "Lantern Row - S03E04 - The Gate [Bluray720p]",
        "[AB] Lantern Row - 04 [BD 720p]",
        "[AB] Lantern Row - 04 [BD]",
        "[AB]_Lantern_Row_-_04_(BD720p)",
        "Lantern.Row.S03E04.BDRip.720p",
        "Lantern.Row.S03.COMPLETE.BLURAY-AB",
        "Lantern.Row.S03E04.720p.REMUX-AB",
        "Lantern.Row.S03E04.m2ts",
        "Lantern.Row.S03E04.720p.HDDVD.x264",
    ),
    "HDTV-1080p": (
        "Lantern.Row.S03E04.1080p.HDTV.H264-AB",
        "Lantern.Row.S03E04.1080i.HDTV.AC3-AB",
        "[AB] Lantern Row - 04 [1080p].mkv",
        "Lantern Row S03E04 1080p.mkv",
        "[AB] Lantern Row S2 - 04 [1920x1080 x265].mkv",
        "Lantern.Row.S03E04.1080p.PDTV",
    ),
    "WEBDL-1080p": (
        "Lantern.Row.S03E04.1080p.WEB-DL.DD5.1.H.264-AB.mkv",
        "Lantern.Row.S03E04.1080p.WEB.H264-AB",
        "Lantern.Row.S03E04.WEB.1080p-AB",
        "Lantern Row S03E04 The Gate 1080p NF WEB-DL DDP5.1",
        "[AB] Lantern Row - 04 (WEB 1080p HEVC)",
        "Lantern.Row.S03.1080p.AMZN.WEB-DL.DDP5.1.H.264-AB",
        "[AB] Lantern Row (2020) - 04 [ WEB / 1080p / AAC ]",
        "Lantern.Row.S03E04.1080p.iTunesHD.x264",
    ),
    "WEBRip-1080p": ("Lantern.Row.S03E04.1080p.WEBRip.x265-AB", "Lantern Row 3x04 1080p Web-Rip.mkv"),
    "Bluray-1080p": (
        "Lantern.Row.S03E04.1080p.BluRay.x264-AB",
        "Lantern Row - S03E04 - The Gate [Bluray1080p]",
        "[AB] Lantern Row - 04 [BD 1080p HEVC FLAC]",
        "[AB] Lantern Row - 04 (BD1080p)",
        "Lantern.Row.S03.1080p.Blu-ray.AVC.DTS-HD-AB",
        "Lantern.Row.S03E04.BRRip.1080p.x264",
        "Lantern.Row.S03.COMPLETE.1080p.BluRay.x264-AB",
    ),
    "Remux-1080p": (
        "Lantern.Row.S03E04.1080p.BluRay.REMUX.AVC-AB",
        "Lantern Row - S03E04 - The Gate Bluray-1080p Remux.mkv",
        "Lantern.Row.S03E04.Remux.1080p.AVC",
        "Lantern.Row.S03.BluRay.Remux-AB",
        "[AB] Lantern Row - 04 [BDRemux 1080p]",
    ),
    "HDTV-2160p": (
        "Lantern.Row.S03E04.2160p.HDTV.x265-AB",
        "[AB] Lantern Row - 04 [2160p].mkv",
        "Lantern Row S03E04 2160p",
    ),
    "WEBDL-2160p": (
        "Lantern.Row.S03E04.2160p.WEB-DL.DDP5.1.DV.HEVC-AB",
        "Lantern.Row.S03E04.4K.HEVC.WEB-DL",
        "Lantern.Row.S03E04.UHD.WEB-DL.x265",
        "[AB] Lantern Row - 04 [WEB 2160p]",
    ),
    "WEBRip-2160p": ("Lantern.Row.S03E04.2160p.WEBRip.x265-AB",),
    "Bluray-2160p": (
        "Lantern.Row.S03E04.2160p.UHD.BluRay.x265-AB",
        "Lantern.Row.S03E04.UHD.BluRay.HEVC",
        "[AB] Lantern Row - 04 [BD 2160p]",
    ),
    "Remux-2160p": ("Lantern.Row.S03E04.2160p.BluRay.REMUX.HEVC-AB", "Lantern Row S03E04 UHD BluRay Remux"),
    "Raw-HD": ("Lantern.Row.S03E04.HDTV.1080i.MPEG2-AB", "Lantern Row - S03E04 - The Gate [Raw-HD]"),
    "Unknown": (
        "Lantern.Row.S03E04",
        "Lantern Row S03E04 The Gate-AB",
        "Lantern Row S03E04.webm",
        "Lantern.Row.S03E04.XviD-AB",
    ),
}
"""A show of no name, as series are named."""


def _rows(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, quality) for quality, names in table.items() for name in names]


@pytest.mark.parametrize(("name", "quality"), _rows(MOVIES))
def test_movie_names(name: str, quality: str) -> None:
    assert identify_name(name).quality == quality


@pytest.mark.parametrize(("name", "quality"), _rows(SERIES))
def test_series_names(name: str, quality: str) -> None:
    assert identify_name(name).quality == quality


def test_every_class_is_tried() -> None:
    assert {quality.name for quality in QUALITIES} == MOVIES.keys() | SERIES.keys()


@pytest.mark.parametrize(
    ("name", "modifiers"),
    [
        ("Quiet.Harbour.2008.PROPER.1080p.BluRay.x264-AB", ("proper",)),
        ("Quiet.Harbour.2008.REPACK.720p.WEB-DL.x264-AB", ("repack",)),
        ("Lantern.Row.S03E04.RERIP.720p.HDTV.x264-AB", ("repack",)),
        ("Lantern.Row.S03E04.REAL.PROPER.720p.HDTV.x264-AB", ("real", "proper")),
        ("[AB] Lantern Row - 04v2 [720p].mkv", ("proper",)),
        ("Quiet.Harbour.2008.1080p.BluRay.REMUX.AVC-AB", ("remux",)),
        ("Quiet.Harbour.2008.COMPLETE.BLURAY-AB", ("brdisk",)),
        ("Quiet.Harbour.2008.R5.x264-AB", ("regional",)),
        ("Quiet.Harbour.2008.DVDSCR.x264-AB", ("screener",)),
        ("Quiet.Harbour.2010.1080i.HDTV.MPEG2-AB", ("rawhd",)),
        ("Quiet.Harbour.2006.BDRip.x264-AB", ("rip",)),
    ],
)
def test_modifiers(name: str, modifiers: tuple[str, ...]) -> None:
    assert identify_name(name).modifiers == modifiers
