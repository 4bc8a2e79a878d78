"""Why a row is set aside, and what is odd about rows that are kept: codes with their Swedish words."""

from __future__ import annotations

from enum import StrEnum

from kaa_analysis.ingest.identity import IdentityFinding


class Reason(StrEnum):
    """Why a row cannot enter the register. The value stands in the column ORSAK of the problem file."""

    UNKNOWN_CODE = "OKAND_KOD"
    OTHER_EDITION = "KOD_UTANFOR_UPPLAGAN"
    BAD_DATE = "OGILTIGT_DATUM"
    BAD_NUMBER = "OGILTIGT_TAL"
    BAD_MUNICIPALITY = "OGILTIG_KOMMUNKOD"
    MISSING_VALUE = "VARDE_SAKNAS"
    NO_CONSENT = "SAMTYCKE_SAKNAS"
    BAD_FORM = "OGILTIG_FORM"
    IDENTITY_IN_TEXT = "IDENTITET_I_TEXT"
    END_BEFORE_START = "SLUT_FORE_START"
    END_WITHOUT_START = "SLUT_UTAN_START"
    DUPLICATE_KEY = "DUBBLETT"
    UNKNOWN_PERSON = "OKAND_PERSON"
    PERSON_SET_ASIDE = "PERSONEN_UNDANTAGEN"
    CELL_ERROR = "CELLFEL"
    UNFIT_CELL = "OGILTIG_CELL"
    FORMULA_WITHOUT_VALUE = "FORMEL_UTAN_VARDE"
    EXCEL_DIGITS_LOST = "EXCEL_SIFFROR_BORTA"
    EXCEL_ZERO_LOST = "EXCEL_INLEDANDE_NOLLA"
    EXCEL_DATE_AS_NUMBER = "EXCEL_DATUM_SOM_TAL"
    EXCEL_VALUE_AS_DATE = "EXCEL_VARDE_SOM_DATUM"
    EXCEL_APOSTROPHE = "EXCEL_APOSTROF"
    IDENTITY_FORMAT = "IDENTITET_FEL_FORM"
    IDENTITY_DATE = "IDENTITET_FEL_DATUM"
    IDENTITY_CHECK_DIGIT = "IDENTITET_FEL_KONTROLLSIFFRA"
    IDENTITY_SYNTHETIC = "IDENTITET_PAHITTAD"
    IDENTITY_NOT_SYNTHETIC = "IDENTITET_KAN_VARA_VERKLIG"


class Finding(StrEnum):
    """What is odd about rows that are kept; counted in `Register.findings`."""

    COORDINATION_NUMBER = "coordination_number"
    SEX_DIFFERS = "sex_differs_from_identity"
    BIRTH_DATE_DIFFERS = "birth_date_differs_from_identity"
    OVERLAPPING_REGISTRATIONS = "overlapping_registrations"
    EXIT_REASON_WITHOUT_DATE = "exit_reason_without_date"
    DATED_AFTER_EXTRACT = "dated_after_extract"
    SENSITIVE_CODE = "sensitive_code"
    OTHER_MUNICIPALITY = "other_municipality"


REASON_LABELS = {
    Reason.UNKNOWN_CODE: "okänd kod",
    Reason.OTHER_EDITION: "kod som inte gäller i den här upplagan",
    Reason.BAD_DATE: "ogiltigt datum",
    Reason.BAD_NUMBER: "inte ett heltal",
    Reason.BAD_MUNICIPALITY: "inte en kommunkod med fyra siffror",
    Reason.MISSING_VALUE: "obligatoriskt värde saknas",
    Reason.NO_CONSENT: "samtycke saknas",
    Reason.BAD_FORM: "har inte den form som ska gälla",
    Reason.IDENTITY_IN_TEXT: "text som ser ut att innehålla ett personnummer",
    Reason.END_BEFORE_START: "slutdatum före startdatum",
    Reason.END_WITHOUT_START: "slutdatum utan startdatum",
    Reason.DUPLICATE_KEY: "samma nyckel på flera rader",
    Reason.UNKNOWN_PERSON: "personen finns inte bland personerna",
    Reason.PERSON_SET_ASIDE: "personens egen rad har undantagits",
    Reason.CELL_ERROR: "felvärde från ett kalkylblad, till exempel #N/A",
    Reason.UNFIT_CELL: "sanningsvärde, decimaltal eller klockslag i cellen",
    Reason.FORMULA_WITHOUT_VALUE: "formel utan sparat värde",
    Reason.EXCEL_DIGITS_LOST: "talet är avrundat så att siffror är borta (så gör Excel)",
    Reason.EXCEL_ZERO_LOST: "inledande nollor saknas (så gör Excel)",
    Reason.EXCEL_DATE_AS_NUMBER: "datumet har blivit ett tal (så gör Excel)",
    Reason.EXCEL_VALUE_AS_DATE: "värdet har blivit ett datum (så gör Excel)",
    Reason.EXCEL_APOSTROPHE: "apostrof före värdet (så gör Excel)",
    Reason.IDENTITY_FORMAT: "identiteten har fel form",
    Reason.IDENTITY_DATE: "identiteten har ett omöjligt datum",
    Reason.IDENTITY_CHECK_DIGIT: "identiteten har fel kontrollsiffra",
    Reason.IDENTITY_SYNTHETIC: "påhittad identitet, som layouten inte tar emot",
    Reason.IDENTITY_NOT_SYNTHETIC: "identitet som kan vara verklig, som layouten inte tar emot",
}

FINDING_LABELS = {
    Finding.COORDINATION_NUMBER: "samordningsnummer i stället för personnummer",
    Finding.SEX_DIFFERS: "kön som skiljer sig från personnumrets",
    Finding.BIRTH_DATE_DIFFERS: "födelsedatum som skiljer sig från personnumrets",
    Finding.OVERLAPPING_REGISTRATIONS: "KAA-perioder som överlappar nästa period",
    Finding.EXIT_REASON_WITHOUT_DATE: "avslutsorsak utan slutdatum",
    Finding.DATED_AFTER_EXTRACT: "händelse daterad efter uttagsdagen",
    Finding.SENSITIVE_CODE: "kod av känsligt slag, inläst som annat",
    Finding.OTHER_MUNICIPALITY: "annan kommun än på de flesta raderna",
}

REASON_OF_IDENTITY = {
    IdentityFinding.FORMAT: Reason.IDENTITY_FORMAT,
    IdentityFinding.DATE: Reason.IDENTITY_DATE,
    IdentityFinding.CHECK_DIGIT: Reason.IDENTITY_CHECK_DIGIT,
    IdentityFinding.SYNTHETIC: Reason.IDENTITY_SYNTHETIC,
    IdentityFinding.NOT_SYNTHETIC: Reason.IDENTITY_NOT_SYNTHETIC,
}
