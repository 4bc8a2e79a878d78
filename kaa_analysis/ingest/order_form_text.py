"""The words of the data order form that no layout knows: how to deliver, what may not be sent, corrections."""

from __future__ import annotations

INTRODUCTION = """# Beställning av data

*Sidan skrivs av `python -m kaa_analysis.ingest.order_form` och ändras inte för hand: kolumner, koder och krav är de som inläsningen håller sig till.*

Sidan är till för den som gör ett uttag åt uppföljningen av kommunernas aktivitetsansvar (KAA). Skicka den tillsammans med beställningen och fyll i:

| uppgift | ifylls av beställaren |
|---|---|
| Uttagsdag: uppgifterna ska gälla till och med den här dagen | |
| Historik från: alla som var registrerade någon dag från och med den här dagen ska vara med, också de som inte längre omfattas | |
| Beställda layouter och filer | |
| Beslut för filer som kräver beslut (beteckning, beslutsdag, sista dag) | |
| Mottagare och säker överföring | |

## Så ska filerna se ut

* **Filformat.** CSV i UTF-8 (med eller utan BOM) eller Windows-1252, med semikolon, komma eller tabb mellan fälten; XLSX; eller Parquet. En rubrikrad med
  kolumnnamnen nedan, i valfri ordning. Varje rad avslutas med radslut.
* **Filnamnen** är de som står nedan; ändelsen följer formatet.
* **Dagar** skrivs ÅÅÅÅ-MM-DD. Ett tomt fält betyder att uppgiften saknas; skriv inte 0, 9999-12-31 eller "okänd" i stället.
* **Slutdagar är inklusive**: den sista dagen som perioden gäller, om inte kolumnen säger annat.
* **Personnummer** skrivs med tolv siffror utan skiljetecken och som text. Kalkylprogram gör gärna om dem till tal (2,00681E+11): kontrollera filen
  innan den skickas.
* **Brytdag.** Uttaget görs efter uttagsdagens slut, för ett halvår efter 30 juni eller 31 december. Händelser efter uttagsdagen ska inte vara med. Det som
  har registrerats i efterhand till och med den dag uttaget görs ska vara med.
* **Alla rader.** Skicka rader som de står i källan, också de som verkar fel. Fel räknas och redovisas; rader som har rättats eller strukits på vägen syns
  inte."""

ENDING = """## Det som inte får skickas

* Uppgifter om ursprung, medborgarskap, migration, hälsa, funktionsnedsättning, socialtjänst, religion, lagöverträdelser, politisk åsikt, fackligt medlemskap
  eller sexualliv. En kolumn med ett sådant namn stoppar inläsningen.
* Fri text: anteckningar, planer, skäl i ord.
* Namn, adress, telefonnummer och e-post. De behövs inte; skickas de kastas de när filen läses.
* Andra kolumner än de som står här. En okänd kolumn stoppar inläsningen.
* Personer som inte omfattas eller har omfattats av KAA, om inte beslutet för filen säger det. Rader om personer som inte finns i huvudregistret läses
  inte in; de hamnar i problemfilen.
* Rader ur Flai utan samtycke.

## Så rättas en leverans

En leverans ändras aldrig. Gör ett helt nytt uttag med samma uttagsdag och skicka alla filer igen; det läses in under ett nytt namn, och båda finns kvar så
att skillnaden kan redovisas. Skicka inte enbart de rättade raderna. Mottagaren talar om hur många rader som inte kunde läsas, i vilken fil och
kolumn och varför; själva raderna stannar i den säkra mappen.

## Så skickas filerna

Bara genom den säkra överföring som beställningen anger, aldrig med e-post. Ta bort dina egna kopior när mottagandet är bekräftat."""

FINISHED_MEANINGS = {
    "table_id": "Tabellens kortnamn: små bokstäver a–z, siffror och understreck",
    "title": "Tabellens rubrik, samma i hela tabellen",
    "row": "Radens rubrik",
    "column": "Kolumnens rubrik",
    "value": "Talet, med decimalkomma eller decimalpunkt och utan mellanrum; varje cell en gång. Summor får vara med men krävs inte",
    "unit": "Enhet, till exempel procent eller elever; samma i hela tabellen",
    "period": "Perioden som talen gäller; samma i hela tabellen",
    "source": "Enheten och källan som talen kommer från; samma i hela tabellen",
    "contact": "Funktionen som svarar på frågor om talen, inte en persons namn; samma i hela tabellen",
}
"""What every field of a finished table is, in the words of the form."""
