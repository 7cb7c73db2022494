//! What a language model says of the reports, measured from the middle of the day's news.

/// So many entries' worth of the origin count into the middle: a handful of entries tells little of what a day's news has in common.
const PRIOR: f32 = 10.0;

/// The vectors without what all have in common, of length one again. All entries of the coverage are about two countries, and a model
/// finds any two of them alike: a cosine of 0.6 is chance there, and one event in the world's news. With the vectors as they are every
/// share of them that helped gold-kite cost gold-dev 0.01 to 0.03 of story F1.
pub(super) fn apart(vectors: &[Option<&[f32]>]) -> Vec<Option<Vec<f32>>> {
    let width = vectors.iter().flatten().next().map_or(0, |vector| vector.len());
    let usable: Vec<Option<&[f32]>> =
        vectors.iter().map(|vector| vector.filter(|vector| vector.len() == width)).collect();
    let mut middle = vec![0.0; width];
    let mut count = PRIOR;
    for vector in usable.iter().flatten() {
        count += 1.0;
        middle.iter_mut().zip(*vector).for_each(|(sum, x)| *sum += x);
    }
    middle.iter_mut().for_each(|sum| *sum /= count);
    let apart = |vector: &[f32]| {
        let mut vector: Vec<f32> = vector.iter().zip(&middle).map(|(x, middle)| x - middle).collect();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= length.max(1e-6));
        vector
    };
    usable.into_iter().map(|vector| vector.map(apart)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::meaning::likeness;

    #[test]
    fn what_all_have_in_common_tells_nothing() {
        // All share the first direction; the second tells two events apart.
        let (one, other) = ([0.8, 0.6], [0.8, -0.6]);
        let all: Vec<Option<&[f32]>> =
            (0..200).map(|at| Some(if at % 2 == 0 { &one[..] } else { &other[..] })).collect();
        assert!(likeness(&one, &other) > 0.27);
        let apart = apart(&all);
        let like = |a: usize, b: usize| likeness(apart[a].as_deref().unwrap(), apart[b].as_deref().unwrap());
        assert!((like(0, 2) - 1.0).abs() < 1e-5 && like(0, 1) < -0.9, "{} {}", like(0, 2), like(0, 1));
    }

    #[test]
    fn few_vectors_stay_much_as_they_are_and_what_is_no_vector_stays_out() {
        let (one, other, odd) = ([0.8, 0.6], [0.6, 0.8], [1.0, 0.0, 0.0]);
        let apart = apart(&[Some(&one[..]), None, Some(&other[..]), Some(&odd[..])]);
        assert!(apart[1].is_none() && apart[3].is_none());
        assert!(likeness(apart[0].as_deref().unwrap(), apart[2].as_deref().unwrap()) > 0.9);
        assert!(super::apart(&[None, None]).iter().all(Option::is_none));
        // Nothing is left of the vectors of one text, and nothing divides by zero.
        let same = super::apart(&[Some(&[1.0, 0.0][..]); 500]);
        assert!(same.iter().flatten().flatten().all(|x| x.is_finite()));
    }
}
