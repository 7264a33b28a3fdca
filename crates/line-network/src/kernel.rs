//! A matrix times a vector, with the instructions of one kind of processor.
//!
//! Loops are written with counters here, and where layers go over places: the compiler does not
//! put iterators' functions into functions that are compiled for another processor than those.
#![allow(
    unsafe_code,
    reason = "vector instructions load from pointers, and exist on some processors only"
)]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtepu8_epi16, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_add_epi32,
    _mm256_broadcastq_epi64, _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_hadd_epi32,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_mul_ps,
    _mm256_permute4x64_epi64, _mm256_setzero_si256, _mm256_storeu_ps, _mm512_cvtepi32_ps,
    _mm512_dpbusd_epi32, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_mul_ps, _mm512_set1_epi32,
    _mm512_setzero_si512, _mm512_storeu_ps,
};

/// Outputs that are worked out side by side.
pub(crate) const LANES: usize = 16;

/// Inputs that an instruction takes for each of them.
pub(crate) const GROUP: usize = 4;

/// The bytes of weights for one group of inputs and one set of lanes.
pub(crate) const TILE: usize = LANES * GROUP;

/// The parts of a tile that AVX2 takes one by one.
const QUARTERS: usize = 4;

/// The most sets of lanes that are worked out at once.
pub(crate) const WIDEST: usize = 8;

/// What this processor can do. Values come from [`Processor::this`] only, so that who has one may
/// use its instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processor {
    /// AVX-512 with sums of byte products.
    Vnni,
    /// AVX2.
    Avx2,
}

impl Processor {
    /// The best that this processor can do; `None` if that is too little.
    pub fn this() -> Option<Self> {
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let has_vnni = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vnni");
        match (has_avx2, has_vnni) {
            (true, true) => Some(Self::Vnni),
            (true, false) => Some(Self::Avx2),
            (false, _) => None,
        }
    }
}

/// A part of a matrix: so many sets of lanes, and all inputs.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// For each group of inputs a tile for each set: for each of the lanes the weights of the
    /// group.
    pub weights: &'a [i8],
    /// What the sums start with.
    pub starts: &'a [i32],
    /// What the sums are multiplied by.
    pub scales: &'a [f32],
}

/// Instructions of one kind of processor.
pub(crate) trait Kernel {
    /// The outputs of a block. Lengths are those of `SETS` sets and of whole groups.
    ///
    /// # Safety
    /// The processor must have the instructions.
    unsafe fn multiply<const SETS: usize>(block: Block<'_>, input: &[u8], output: &mut [f32]);
}

pub(crate) struct Vnni;
pub(crate) struct Avx2;

impl Kernel for Vnni {
    #[inline(always)]
    unsafe fn multiply<const SETS: usize>(block: Block<'_>, input: &[u8], output: &mut [f32]) {
        // SAFETY: the caller says that the processor can.
        unsafe { with_vnni::<SETS>(block, input, output) }
    }
}

impl Kernel for Avx2 {
    #[inline(always)]
    unsafe fn multiply<const SETS: usize>(block: Block<'_>, input: &[u8], output: &mut [f32]) {
        // SAFETY: the caller says that the processor can.
        unsafe { with_avx2::<SETS>(block, input, output) }
    }
}

/// Nothing is read or written past the end of a slice below because of this.
#[inline(always)]
fn check<const SETS: usize>(block: Block<'_>, input: &[u8], output: &[f32]) {
    assert_eq!(input.len() % GROUP, 0);
    assert_eq!(block.weights.len(), input.len() / GROUP * TILE * SETS);
    assert_eq!(block.starts.len(), SETS * LANES);
    assert_eq!(block.scales.len(), SETS * LANES);
    assert_eq!(output.len(), SETS * LANES);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn with_vnni<const SETS: usize>(block: Block<'_>, input: &[u8], output: &mut [f32]) {
    check::<SETS>(block, input, output);
    let groups = input.len() / GROUP;
    let inputs = input.as_ptr().cast::<i32>();
    let tiles = block.weights.as_ptr();
    let mut sums = [_mm512_setzero_si512(); SETS];
    let mut set = 0;
    while set < SETS {
        // SAFETY: there are so many starts for each of the sets.
        sums[set] = unsafe { _mm512_loadu_si512(block.starts.as_ptr().add(set * LANES).cast()) };
        set += 1;
    }
    let mut group = 0;
    while group < groups {
        // SAFETY: there are so many whole groups.
        let four = _mm512_set1_epi32(unsafe { inputs.add(group).read_unaligned() });
        let mut set = 0;
        while set < SETS {
            // SAFETY: there is a tile for each of the sets of each group.
            let tile = unsafe { tiles.add((group * SETS + set) * TILE) };
            // SAFETY: a tile fills a register.
            let tile = unsafe { _mm512_loadu_si512(tile.cast()) };
            sums[set] = _mm512_dpbusd_epi32(sums[set], four, tile);
            set += 1;
        }
        group += 1;
    }
    let mut set = 0;
    while set < SETS {
        // SAFETY: there are so many scales and places for each of the sets.
        unsafe {
            let scales = _mm512_loadu_ps(block.scales.as_ptr().add(set * LANES));
            let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[set]), scales);
            _mm512_storeu_ps(output.as_mut_ptr().add(set * LANES), scaled);
        }
        set += 1;
    }
}

/// The products of unsigned and signed bytes would overflow this processor's sums of 16 bits, so
/// the weights are widened first.
#[inline]
#[target_feature(enable = "avx2")]
fn with_avx2<const SETS: usize>(block: Block<'_>, input: &[u8], output: &mut [f32]) {
    check::<SETS>(block, input, output);
    let groups = input.len() / GROUP;
    let inputs = input.as_ptr().cast::<i32>();
    let tiles = block.weights.as_ptr();
    let mut set = 0;
    while set < SETS {
        // Sums of pairs of inputs, for four lanes each.
        let mut sums = [_mm256_setzero_si256(); QUARTERS];
        let mut group = 0;
        while group < groups {
            // SAFETY: there are so many whole groups.
            let four = unsafe { inputs.add(group).read_unaligned() };
            let four = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
            let mut quarter = 0;
            while quarter < QUARTERS {
                // SAFETY: there is a tile for each of the sets of each group.
                let tile = unsafe { tiles.add((group * SETS + set) * TILE) };
                // SAFETY: a tile fills this register four times.
                let part = unsafe { _mm_loadu_si128(tile.cast::<__m128i>().add(quarter)) };
                let products = _mm256_madd_epi16(_mm256_cvtepi8_epi16(part), four);
                sums[quarter] = _mm256_add_epi32(sums[quarter], products);
                quarter += 1;
            }
            group += 1;
        }
        let mut half = 0;
        while half < 2 {
            let first = set * LANES + half * 8;
            let lanes = paired(sums[2 * half], sums[2 * half + 1]);
            // SAFETY: there are so many starts, scales and places for each of the sets.
            unsafe {
                let starts = _mm256_loadu_si256(block.starts.as_ptr().add(first).cast());
                let sums = _mm256_cvtepi32_ps(_mm256_add_epi32(lanes, starts));
                let scales = _mm256_loadu_ps(block.scales.as_ptr().add(first));
                _mm256_storeu_ps(output.as_mut_ptr().add(first), _mm256_mul_ps(sums, scales));
            }
            half += 1;
        }
        set += 1;
    }
}

/// Adds neighbours; those of the first argument come first.
#[inline]
#[target_feature(enable = "avx2")]
fn paired(first: __m256i, second: __m256i) -> __m256i {
    // The instruction works on both halves of its registers apart: quarters come out as first,
    // second, first, second.
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(first, second))
}
