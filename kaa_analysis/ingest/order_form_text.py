"""The words of the data order form that no layout knows: how to deliver, what may not be sent, corrections."""

from __future__ import annotations

INTRODUCTION = """# Beställning av data

*Sidan skrivs av `python -m kaa_analysis.ingest.order_form` och ändras inte för hand: kolumner, koder och krav är de som inläsningen håller sig till.*

Sidan är till för den som gör ett uttag åt uppföljningen av kommunernas aktivitetsansvar (KAA). Skicka den tillsammans med beställningen och fyll i:

| uppgift | ifylls av beställaren |
|---|---|
| Uttagsdag: dagen då uttaget görs; uppgifterna ska vara fullständiga till och med dagen före | |
| Historik från: den första dagen som uppgifterna ska vara fullständiga | |
| Beställda layouter och filer | |
| Beslut för filer som kräver beslut (beteckning, beslutsdag, sista dag) | |
| Mottagare och säker överföring | |

## Så ska filerna se ut

* **Filformat.** CSV i UTF-8 (med eller utan BOM) eller Windows-1252, med semikolon, komma eller tabb mellan fälten; XLSX; eller Parquet. En rubrikrad med
  kolumnnamnen nedan, i valfri ordning. Varje rad avslutas med radslut.
* **Filnamnen** är de som står nedan; ändelsen följer formatet.
* **Dagar** skrivs ÅÅÅÅ-MM-DD. Ett tomt fält betyder att uppgiften saknas; skriv inte 0, 9999-12-31 eller "okänd" i stället.
* **Slutdagen är den sista dagen** som perioden gäller, om det inte står annat vid kolumnen. Pågår perioden är fältet tomt.
* **Personnummer** skrivs med tolv siffror utan skiljetecken och som text. Kalkylprogram gör gärna om dem till tal (2,00681E+11) och tappar
  inledande nollor i koder: kontrollera filen innan den skickas.
* **Brytdag.** Uttaget görs på uttagsdagen, tidigast dagen efter den period som ska redovisas: för det första halvåret 1 juli, för det andra halvåret eller
  hela året 1 januari. Uttagsdagen själv räknas inte. Det som har registrerats i efterhand fram till uttaget ska vara med. Händelser efter uttagsdagen ska
  inte vara med; planerade besök och slutdagar får ligga senare.
* **Vilka ungdomar.** Alla som omfattades av ansvaret eller var registrerade i KAA någon dag från och med *Historik från*, också de som inte längre
  omfattas och de som omfattas men inte har registrerats. Utan de sista går det inte att se hur många av dem som omfattas som är registrerade.
* **Hur långt tillbaka.** För varje sådan ungdom lämnas folkbokföring, skolgång, bevis och KAA-perioder också från tiden före *Historik från*, från och med
  grundskolans sista år: de avgör vem som omfattas. Kontakter, insatser och sysselsättning lämnas för de KAA-perioder
  som pågick den dagen eller senare.
* **Alla rader.** Skicka rader som de står i källan, också de som verkar fel. Fel räknas och redovisas; det som har rättats eller strukits på vägen syns
  inte. Undantagen står under *Det som inte får skickas*."""

ENDING = """## Det som inte får skickas

* Uppgifter om ursprung, medborgarskap, migration, hälsa, funktionsnedsättning, socialtjänst, religion, lagöverträdelser, politisk åsikt, fackligt medlemskap
  eller sexualliv. En kolumn med ett sådant namn stoppar inläsningen.
* Fri text: anteckningar, planer, skäl i ord.
* Namn, adress, telefonnummer och e-post. De behövs inte; skickas de kastas de när filen läses.
* Andra kolumner än de som står här. En okänd kolumn stoppar inläsningen.
* Uppgifter om personer som varken omfattas av KAA, har omfattats eller har registrerats, om inte beslutet för filen säger det. Rader om personer som inte finns i huvudregistret läses
  inte in; de hamnar i problemfilen.
* Rader ur Flai utan samtycke.

## Så rättas en leverans

En leverans ändras aldrig. Gör ett helt nytt uttag, med den nya dagen som uttagsdag, och skicka alla filer igen; det läses in under ett nytt namn, och båda
uttagen finns kvar så att skillnaden kan redovisas. Skicka inte enbart de rättade raderna. Mottagaren talar om hur många rader som inte kunde läsas, i vilken fil och
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
