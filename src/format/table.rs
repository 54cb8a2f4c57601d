//! Parquet files, of which one column is a text. A row group in which nothing
//! changed is copied as it stands, and so is every other column of one in which
//! something did: the bytes of their chunks are the same.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::SchemaDescriptor;

use crate::finding::Message;

/// Why a table cannot be read or written.
pub type TableError = Message;

/// A Parquet file, opened.
pub struct Table<R: ChunkReader + 'static> {
    reader: SerializedFileReader<R>,
    metadata: Arc<ParquetMetaData>,
    /// Index of the column with the text.
    column: usize,
}

impl<R: ChunkReader + 'static> Table<R> {
    /// The table in `source`, whose texts are in the column `name`; the path of
    /// one inside of others has points (`page.text`).
    ///
    /// # Errors
    /// When this is no Parquet file, or has no such column of strings.
    pub fn open(source: R, name: &str) -> Result<Self, TableError> {
        let reader = SerializedFileReader::new(source).map_err(|error| broken(&error))?;
        let metadata = Arc::new(reader.metadata().clone());
        let column = text_column(metadata.file_metadata().schema_descr(), name)?;
        Ok(Self { reader, metadata, column })
    }

    /// How many row groups it has.
    #[must_use]
    pub fn n_groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// The texts of a row group, from its first row on.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn texts(&self, group: usize) -> Result<Texts, TableError> {
        let rows = self.reader.get_row_group(group).map_err(|error| broken(&error))?;
        let descriptor = self.metadata.file_metadata().schema_descr().column(self.column);
        match rows.get_column_reader(self.column).map_err(|error| broken(&error))? {
            ColumnReader::ByteArrayColumnReader(reader) => Ok(Texts {
                reader,
                max_level: descriptor.max_def_level(),
                n_left: usize::try_from(self.metadata.row_group(group).num_rows()).unwrap_or(0),
                levels: Vec::new(),
                values: Vec::new(),
            }),
            _ => Err(Message::new("正文列不是字符串", "the column with the text holds no strings")),
        }
    }
}

/// Reads the texts of one row group.
pub struct Texts {
    reader: ColumnReaderImpl<ByteArrayType>,
    max_level: i16,
    n_left: usize,
    levels: Vec<i16>,
    values: Vec<ByteArray>,
}

impl Texts {
    /// The next values, `n` at most; none at the end. A row without a text is
    /// `None`.
    ///
    /// # Errors
    /// When the file is damaged there.
    pub fn next_batch(&mut self, n: usize) -> Result<Vec<Option<ByteArray>>, TableError> {
        let n = n.min(self.n_left);
        if n == 0 {
            return Ok(Vec::new());
        }
        self.read(n).map_err(|error| broken(&error))?;
        let mut values = std::mem::take(&mut self.values).into_iter();
        if self.max_level == 0 {
            return Ok(values.map(Some).collect());
        }
        Ok(self.levels.iter().map(|&level| if level == self.max_level { values.next() } else { None }).collect())
    }

    fn read(&mut self, n: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        self.values.clear();
        let (n_rows, _, _) = self.reader.read_records(n, Some(&mut self.levels), None, &mut self.values)?;
        if n_rows == 0 {
            return Err(ParquetError::EOF(format!("{} rows are missing", self.n_left)));
        }
        self.n_left -= n_rows;
        Ok(())
    }
}

/// Writes a table again, row group by row group.
pub struct Rewriter<R: ChunkReader, W: Write + Send> {
    /// The same file as the table's.
    source: R,
    writer: SerializedFileWriter<W>,
    metadata: Arc<ParquetMetaData>,
    column: usize,
}

impl<R: ChunkReader + 'static, W: Write + Send> Rewriter<R, W> {
    /// A copy of `table`, read from `source`, its file, to be written to `out`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(table: &Table<R>, source: R, out: W) -> Result<Self, TableError> {
        let metadata = Arc::clone(&table.metadata);
        let schema = metadata.file_metadata().schema_descr().root_schema_ptr();
        let properties = Arc::new(properties(&metadata, table.column));
        let writer = SerializedFileWriter::new(out, schema, properties).map_err(|error| unwritten(&error))?;
        Ok(Self { source, writer, metadata, column: table.column })
    }

    /// Writes a row group as it stands.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn copy(&mut self, group: usize) -> Result<(), TableError> {
        let rows = self.metadata.row_group(group);
        let mut to = self.writer.next_row_group().map_err(|error| unwritten(&error))?;
        for chunk in rows.columns() {
            copy_chunk(&mut to, &self.source, rows, chunk).map_err(|error| unwritten(&error))?;
        }
        to.close().map_err(|error| unwritten(&error))?;
        Ok(())
    }

    /// Writes a row group of `table` with other texts, by the index of the row.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn write(&mut self, table: &Table<R>, group: usize, changed: &BTreeMap<usize, String>) -> Result<(), TableError> {
        const BATCH: usize = 512;
        let rows: &RowGroupMetaData = self.metadata.row_group(group);
        let mut to = self.writer.next_row_group().map_err(|error| unwritten(&error))?;
        for (idx, chunk) in rows.columns().iter().enumerate() {
            if idx != self.column {
                copy_chunk(&mut to, &self.source, rows, chunk).map_err(|error| unwritten(&error))?;
                continue;
            }
            let mut texts = table.texts(group)?;
            let no_column = || Message::new("写不出正文列", "the column with the text cannot be written");
            let mut column = to.next_column().map_err(|error| unwritten(&error))?.ok_or_else(no_column)?;
            let mut row = 0;
            loop {
                let batch = texts.next_batch(BATCH)?;
                if batch.is_empty() {
                    break;
                }
                let values: Vec<ByteArray> = batch
                    .into_iter()
                    .zip(row..)
                    .filter_map(|(value, row)| value.map(|value| changed.get(&row).map_or(value, |text| text.as_str().into())))
                    .collect();
                row += if texts.max_level == 0 { values.len() } else { texts.levels.len() };
                let levels = (texts.max_level > 0).then_some(texts.levels.as_slice());
                column.typed::<ByteArrayType>().write_batch(&values, levels, None).map_err(|error| unwritten(&error))?;
            }
            column.close().map_err(|error| unwritten(&error))?;
        }
        to.close().map_err(|error| unwritten(&error))?;
        Ok(())
    }

    /// Writes the end of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), TableError> {
        self.writer.finish().map(|_| ()).map_err(|error| unwritten(&error))
    }
}

/// Which column of `schema` is called `name` and holds strings.
fn text_column(schema: &SchemaDescriptor, name: &str) -> Result<usize, TableError> {
    let mut found = schema.columns().iter().enumerate().filter(|(_, column)| column.path().string() == name);
    let Some((idx, column)) = found.next() else {
        let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
        let names = names.join(", ");
        return Err(Message::new(
            format!("没有「{name}」这一列（有 {names}）；列名用 --text-column 或 input.text_column 指定"),
            format!(
                "there is no column \"{name}\" (there are {names}); name the one with the text with --text-column or input.text_column"
            ),
        ));
    };
    if found.next().is_some() {
        return Err(Message::new(
            format!("「{name}」这一列出现两次，不知哪个是正文"),
            format!("there are two columns \"{name}\"; nobody knows which one is the text"),
        ));
    }
    if column.physical_type() != Type::BYTE_ARRAY {
        let is = column.physical_type();
        return Err(Message::new(
            format!("「{name}」这一列是 {is}，不是字符串；请另指定正文列"),
            format!("the column \"{name}\" is {is}, not strings; name the one with the text"),
        ));
    }
    if column.max_rep_level() > 0 {
        return Err(Message::new(
            format!("「{name}」这一列每行是一个列表；正文列每行只能有一篇"),
            format!("the column \"{name}\" has a list in each row; a text column has one text in each"),
        ));
    }
    Ok(idx)
}

/// What of the file the written one has too: what programs noted in it, how the
/// text was packed, and by which columns it is sorted, unless by the text.
fn properties(metadata: &ParquetMetaData, column: usize) -> WriterProperties {
    let file = metadata.file_metadata();
    let first = metadata.row_groups().first();
    let packing = first.map_or(Compression::UNCOMPRESSED, |rows| rows.column(column).compression());
    let sorting = first.and_then(RowGroupMetaData::sorting_columns).cloned();
    let is_of_text = |idx: i32| usize::try_from(idx).is_ok_and(|idx| idx == column);
    WriterProperties::builder()
        .set_compression(packing)
        .set_key_value_metadata(file.key_value_metadata().cloned())
        .set_sorting_columns(sorting.filter(|columns| !columns.iter().any(|one| is_of_text(one.column_idx))))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .build()
}

/// Copies the bytes of one column of a row group.
fn copy_chunk<R: ChunkReader, W: Write + Send>(
    to: &mut SerializedRowGroupWriter<'_, W>,
    source: &R,
    rows: &RowGroupMetaData,
    chunk: &ColumnChunkMetaData,
) -> Result<(), ParquetError> {
    let close = ColumnCloseResult {
        bytes_written: u64::try_from(chunk.compressed_size()).unwrap_or(0),
        rows_written: u64::try_from(rows.num_rows()).unwrap_or(0),
        metadata: chunk.clone(),
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    to.append_column(source, close)
}

fn broken(error: &ParquetError) -> Message {
    Message::new(format!("不是完好的 Parquet 文件（{error}）"), format!("this is no sound Parquet file ({error})"))
}

fn unwritten(error: &ParquetError) -> Message {
    Message::new(format!("写不成 Parquet 文件（{error}）"), format!("the Parquet file cannot be written ({error})"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::column::writer::ColumnWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    const SCHEMA: &str = "
message page {
  required int64 id;
  optional group page { optional binary text (STRING); }
  required group pages (LIST) { repeated group list { required binary element (STRING); } }
}";

    /// Two row groups of three pages; the second page of each has no text.
    fn pages() -> Bytes {
        let mut out = Vec::new();
        let note = parquet::file::metadata::KeyValue::new("made by".to_owned(), "报社".to_owned());
        let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![note])).build();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
        for first in [0, 3] {
            let mut group = writer.next_row_group().unwrap();
            while let Some(mut column) = group.next_column().unwrap() {
                match column.untyped() {
                    ColumnWriter::Int64ColumnWriter(ids) => ids.write_batch(&[first, first + 1, first + 2], None, None),
                    ColumnWriter::ByteArrayColumnWriter(texts) if texts.get_descriptor().max_rep_level() == 0 => {
                        let texts_of_group = [format!("甲{first}").as_str().into(), format!("丙{first}").as_str().into()];
                        texts.write_batch(&texts_of_group, Some(&[2, 0, 2]), None)
                    }
                    ColumnWriter::ByteArrayColumnWriter(labels) => {
                        labels.write_batch(&["A1".into(), "A2".into(), "A3".into()], Some(&[1, 1, 1, 0]), Some(&[0, 1, 0, 0]))
                    }
                    _ => unreachable!("the schema has no other types"),
                }
                .unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
        Bytes::from(out)
    }

    fn texts(table: &Table<Bytes>, group: usize) -> Vec<Option<String>> {
        let mut texts = table.texts(group).unwrap();
        let mut all = Vec::new();
        loop {
            let batch = texts.next_batch(2).unwrap();
            if batch.is_empty() {
                return all;
            }
            all.extend(batch.into_iter().map(|value| value.map(|value| value.as_utf8().unwrap().to_owned())));
        }
    }

    fn chunk(file: &Bytes, table: &Table<Bytes>, group: usize, column: usize) -> Bytes {
        let (start, length) = table.metadata.row_group(group).column(column).byte_range();
        file.slice(usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap())
    }

    #[test]
    fn only_texts_that_changed_are_written_anew() {
        let before = pages();
        let old = Table::open(before.clone(), "page.text").unwrap();
        assert_eq!(texts(&old, 1), [Some("甲3".to_owned()), None, Some("丙3".to_owned())]);
        let mut out = Vec::new();
        let mut writer = Rewriter::new(&old, before.clone(), &mut out).unwrap();
        writer.copy(0).unwrap();
        writer.write(&old, 1, &BTreeMap::from([(2, "丁".to_owned())])).unwrap();
        writer.finish().unwrap();
        let after = Bytes::from(out);
        let new = Table::open(after.clone(), "page.text").unwrap();
        assert_eq!(texts(&new, 0), texts(&old, 0));
        assert_eq!(texts(&new, 1), [Some("甲3".to_owned()), None, Some("丁".to_owned())]);
        for (group, column) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2)] {
            assert_eq!(chunk(&before, &old, group, column), chunk(&after, &new, group, column), "{group} {column}");
        }
        let notes = |table: &Table<Bytes>| table.metadata.file_metadata().key_value_metadata().cloned();
        assert!(notes(&new).is_some() && notes(&new) == notes(&old));
    }

    #[test]
    fn a_column_that_holds_no_texts_is_told() {
        let told = |name: &str| Table::open(pages(), name).err().unwrap().en;
        assert!(told("text").contains("there are id, page.text, pages.list.element"));
        assert!(told("id").contains("INT64"));
        assert!(told("pages.list.element").contains("a list in each row"));
    }

    #[test]
    fn a_damaged_file_is_told_or_read_but_breaks_nothing() {
        let whole = pages();
        for end in [0, 3, 4, 11, whole.len() / 2, whole.len() - 1] {
            assert!(Table::open(whole.slice(..end), "page.text").is_err(), "{end}");
        }
        let mut n_told = 0;
        for at in 4..whole.len() - 8 {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 0xff;
            // The library itself may give up on what is damaged inside; the run
            // catches that. What it reads has no more rows than there were.
            let read = std::panic::catch_unwind(|| {
                let table = Table::open(Bytes::from(bytes), "page.text").ok()?;
                let mut n_rows = 0;
                for group in 0..table.n_groups() {
                    n_rows += table.texts(group).ok()?.next_batch(8).ok()?.len();
                }
                Some(n_rows)
            });
            assert!(!matches!(read, Ok(Some(7..))), "{at}: {read:?}");
            n_told += usize::from(!matches!(read, Ok(Some(_))));
        }
        assert!(n_told > whole.len() / 4, "{n_told} of {} damaged bytes are told", whole.len());
    }
}
