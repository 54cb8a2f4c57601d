//! Records as rows of a Parquet file: their fields are cut into columns, and
//! lists of groups into levels, as the format has it.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use serde_json::Value;

/// Bytes of text from which on a row group is full.
const GROUP_BYTES: usize = 32 << 20;

/// Writes records that all have the fields of one schema.
pub(super) struct Rows<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    schema: TypePtr,
    /// One for each column of values, in the order of the schema.
    columns: Vec<Column>,
    n_bytes: usize,
}

/// What one column has of the row group so far.
#[derive(Default)]
struct Column {
    /// Level of a value that is there.
    max_level: i16,
    /// How much of the path to each value is there, and where lists begin anew.
    levels: Vec<i16>,
    repeats: Vec<i16>,
    values: Vec<Value>,
}

impl<W: Write + Send> Rows<W> {
    /// Rows with the fields of `schema`, a message type, to `sink`.
    pub(super) fn new(sink: W, schema: &str) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(schema).map_err(io::Error::other)?);
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = Arc::new(WriterProperties::builder().set_compression(zstd).set_offset_index_disabled(true).build());
        let columns = columns(&schema);
        Ok(Self { writer: SerializedFileWriter::new(sink, Arc::clone(&schema), properties)?, schema, columns, n_bytes: 0 })
    }

    /// Adds one record, an object.
    pub(super) fn push(&mut self, record: &Value) -> io::Result<()> {
        let mut cutter = Cutter { columns: self.columns.iter_mut(), n_bytes: 0 };
        for field in self.schema.get_fields() {
            cutter.cut(field, record.get(field.name()), Place::default());
        }
        self.n_bytes += cutter.n_bytes;
        if self.n_bytes >= GROUP_BYTES { self.close_group() } else { Ok(()) }
    }

    /// Writes the end of the file.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.close_group()?;
        self.writer.finish()?;
        self.writer.inner_mut().flush()
    }

    fn close_group(&mut self) -> io::Result<()> {
        if self.columns.iter().all(|column| column.levels.is_empty()) {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let Some(mut to) = group.next_column()? else { break };
            column.write(to.untyped())?;
            to.close()?;
            *column = Column { max_level: column.max_level, ..Column::default() };
        }
        group.close()?;
        self.n_bytes = 0;
        Ok(())
    }
}

fn columns(schema: &TypePtr) -> Vec<Column> {
    let descriptor = SchemaDescriptor::new(Arc::clone(schema));
    descriptor.columns().iter().map(|column| Column { max_level: column.max_def_level(), ..Column::default() }).collect()
}

impl Column {
    fn write(&self, to: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let (levels, repeats) = (Some(self.levels.as_slice()), Some(self.repeats.as_slice()));
        match to {
            ColumnWriter::ByteArrayColumnWriter(to) => {
                let values: Vec<ByteArray> = self.values.iter().map(|value| value.as_str().unwrap_or_default().into()).collect();
                to.write_batch(&values, levels, repeats)?;
            }
            ColumnWriter::Int32ColumnWriter(to) => {
                let number = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
                to.write_batch(&self.values.iter().map(number).collect::<Vec<i32>>(), levels, repeats)?;
            }
            ColumnWriter::Int64ColumnWriter(to) => {
                let number = |value: &Value| value.as_i64().unwrap_or_default();
                to.write_batch(&self.values.iter().map(number).collect::<Vec<i64>>(), levels, repeats)?;
            }
            ColumnWriter::FloatColumnWriter(to) => {
                let number = |value: &Value| value.as_f64().unwrap_or_default() as f32;
                to.write_batch(&self.values.iter().map(number).collect::<Vec<f32>>(), levels, repeats)?;
            }
            ColumnWriter::DoubleColumnWriter(to) => {
                let number = |value: &Value| value.as_f64().unwrap_or_default();
                to.write_batch(&self.values.iter().map(number).collect::<Vec<f64>>(), levels, repeats)?;
            }
            _ => return Err(ParquetError::NYI("a schema of ours has a type that is not written".to_owned())),
        }
        Ok(())
    }
}

/// Where in a record a value stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// How many optional fields and list items lead to it.
    level: i16,
    /// How many lists do.
    depth: i16,
    /// Which of these lists goes on with it; 0 for a new record.
    repeat: i16,
}

/// Cuts one record into columns.
struct Cutter<'c> {
    /// Those that come next.
    columns: std::slice::IterMut<'c, Column>,
    n_bytes: usize,
}

impl Cutter<'_> {
    /// What `field` and those inside of it have, from `value` on.
    fn cut(&mut self, field: &Type, value: Option<&Value>, mut place: Place) {
        let value = value.filter(|value| !value.is_null());
        if field.get_basic_info().repetition() == Repetition::OPTIONAL && value.is_some() {
            place.level += 1;
        }
        match field {
            Type::PrimitiveType { .. } => self.put(value, place),
            Type::GroupType { fields, basic_info, .. } if basic_info.converted_type() == ConvertedType::LIST => {
                // A list is a group with one repeated group of one element.
                let element = &fields[0].get_fields()[0];
                let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                self.cut_list(element, items, place);
            }
            Type::GroupType { fields, .. } => {
                for inner in fields {
                    self.cut(inner, value.and_then(|value| value.get(inner.name())), place);
                }
            }
        }
    }

    fn cut_list(&mut self, element: &Type, items: &[Value], place: Place) {
        let depth = place.depth + 1;
        if items.is_empty() {
            return self.cut_nothing(element, place);
        }
        // Each item goes through the same columns again.
        let columns = std::mem::take(&mut self.columns).into_slice();
        let n_columns = n_columns(element);
        let (here, after) = columns.split_at_mut(n_columns);
        for (idx, item) in items.iter().enumerate() {
            let repeat = if idx == 0 { place.repeat } else { depth };
            let mut cutter = Cutter { columns: here.iter_mut(), n_bytes: 0 };
            cutter.cut(element, Some(item), Place { level: place.level + 1, depth, repeat });
            self.n_bytes += cutter.n_bytes;
        }
        self.columns = after.iter_mut();
    }

    /// Notes in every column below `field` that there is nothing.
    fn cut_nothing(&mut self, field: &Type, place: Place) {
        for _ in 0..n_columns(field) {
            self.put(None, place);
        }
    }

    fn put(&mut self, value: Option<&Value>, place: Place) {
        let Some(column) = self.columns.next() else { return };
        column.levels.push(place.level);
        column.repeats.push(place.repeat);
        if place.level == column.max_level {
            let value = value.cloned().unwrap_or(Value::Null);
            self.n_bytes += value.as_str().map_or(8, str::len);
            column.values.push(value);
        }
    }
}

/// How many columns of values `field` has.
fn n_columns(field: &Type) -> usize {
    match field {
        Type::PrimitiveType { .. } => 1,
        Type::GroupType { fields, .. } => fields.iter().map(|inner| n_columns(inner)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = "
message page {
  required binary name (STRING);
  optional int32 mark;
  required group blocks (LIST) { repeated group list { required group element {
    required binary text (STRING);
    required group boxes (LIST) { repeated group list { required group element (LIST) { repeated group list {
      required float element;
    } } } }
    required group sources (LIST) { repeated group list { required binary element (STRING); } }
  } } }
  required double share;
}";

    #[test]
    fn records_come_back_as_they_were() {
        let records = [
            json!({"name": "甲", "mark": 3, "blocks": [
                {"text": "一", "boxes": [[1.0, 2.0], [], [3.0]], "sources": []},
                {"text": "二", "boxes": [], "sources": ["左", "右"]},
            ], "share": 0.5}),
            json!({"name": "乙", "mark": null, "blocks": [], "share": 0.25}),
            json!({"name": "丙", "mark": 1, "blocks": [{"text": "", "boxes": [[4.0]], "sources": ["中"]}], "share": 1.0}),
        ];
        let mut file = tempfile::tempfile().unwrap();
        let mut rows = Rows::new(file.try_clone().unwrap(), SCHEMA).unwrap();
        records.iter().for_each(|record| rows.push(record).unwrap());
        rows.finish().unwrap();
        let mut bytes = Vec::new();
        std::io::Seek::rewind(&mut file).unwrap();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let read: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        let expected = [
            "{name: \"甲\", mark: 3, blocks: [{text: \"一\", boxes: [[1.0, 2.0], [], [3.0]], sources: []}, \
             {text: \"二\", boxes: [], sources: [\"左\", \"右\"]}], share: 0.5}",
            "{name: \"乙\", mark: null, blocks: [], share: 0.25}",
            "{name: \"丙\", mark: 1, blocks: [{text: \"\", boxes: [[4.0]], sources: [\"中\"]}], share: 1.0}",
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_schema_that_is_none_is_told() {
        assert!(Rows::new(Vec::new(), "message page { required text }").is_err());
    }
}
